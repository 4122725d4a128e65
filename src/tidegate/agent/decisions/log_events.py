"""From the bytes of a container's log to the events that are put; pure.

A log has a time before each line: `2024-05-01T10:00:00.123Z text`. A line that has none goes on with what was
too long to be one event.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

# What is read of a log for one batch. In the worst case each byte is one that is not UTF-8, and becomes
# three: with what each event counts for that is still less than the megabyte of a batch.
WINDOW_BYTES = 192 * 1024
# So few that reading a batch does not hold control's loop for long.
EVENTS_MAX = 1000
_SPAN_MAX = 24 * 3600 * 1000 - 1
_STAMP = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z ")

IsStart = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Batch:
    """`events`: times (Unix milliseconds) and texts, in the order of time. `size`: of the bytes that they
    are. `last_at`: the time that a line without one goes on from. `is_more`: of what was read more could be
    put at once."""

    events: list[tuple[int, str]]
    size: int
    last_at: int
    is_more: bool


@dataclass(slots=True)
class _Event:
    at: int
    texts: list[str]
    size: int


def batch_of(
    content: bytes, last_at: int, *, is_start: IsStart | None, takes_all: bool, takes_last: bool
) -> Batch:
    """The first events of what was read. `is_start`: whether a line begins an event of several; None: each
    line is one. `takes_all`: nothing more will be written, not even the end of a line; `takes_last`: what
    was written last is an event although the next one has not begun."""
    end = len(content) if takes_all else content.rfind(b"\n") + 1
    if end == 0 and len(content) >= WINDOW_BYTES:
        # A line that is longer than the window is several events.
        end = _character_end(content)
    events, is_more = _first_events(content[:end], last_at, is_start)
    is_open = is_start is not None and not is_more and not (takes_all or takes_last)
    if is_open and (len(events) > 1 or len(content) < WINDOW_BYTES):
        events = events[:-1]
    size = sum(event.size for event in events)
    texts = [(event.at, "\n".join(event.texts)) for event in events]
    texts.sort(key=lambda event: event[0])
    is_more = is_more or (size > 0 and len(content) >= WINDOW_BYTES)
    return Batch([one for one in texts if one[1]], size, events[-1].at if events else last_at, is_more)


def _character_end(content: bytes) -> int:
    """Where the last whole character ends; bytes that are no text may be cut anywhere."""
    end = len(content)
    while end > len(content) - 3 and 0x80 <= content[end - 1] < 0xC0:
        end -= 1
    return end - 1 if content[end - 1] >= 0xC0 else len(content)


def _first_events(content: bytes, last_at: int, is_start: IsStart | None) -> tuple[list[_Event], bool]:
    """As many as a batch may have; whether there are more."""
    events: list[_Event] = []
    earliest = latest = 0
    for at, text, size in _lines(content, last_at):
        if events and is_start is not None and not is_start(text):
            events[-1].texts.append(text)
            events[-1].size += size
            continue
        earliest, latest = (min(earliest, at), max(latest, at)) if events else (at, at)
        if len(events) == EVENTS_MAX or latest - earliest > _SPAN_MAX:
            return events, True
        events.append(_Event(at, [text], size))
    return events, False


def _lines(content: bytes, last_at: int) -> Iterator[tuple[int, str, int]]:
    """The time, the text and the bytes of each line, its end among them."""
    *whole, rest = content.split(b"\n")
    for line, end in [*((line, 1) for line in whole), *([(rest, 0)] if rest else [])]:
        stamp = _STAMP.match(line)
        text = line
        if stamp is not None:
            seconds, fraction = stamp.groups(b"0")
            last_at = _seconds(seconds) * 1000 + int(fraction[:3].ljust(3, b"0"))
            text = line[stamp.end() :]
        yield last_at, text.decode(errors="replace"), len(line) + end


@lru_cache(16)
def _seconds(text: bytes) -> int:
    try:
        return int(datetime.fromisoformat(text.decode()).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return 0
