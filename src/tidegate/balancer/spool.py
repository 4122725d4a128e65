"""Reports of traffic on disk until control has received them, and how far measuring has come.

A report's file says how far the access log was counted for it. So whatever dies between two steps, the next
start finds the newest report or the state behind it, and counts on from there: nothing twice.
"""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import msgspec
import structlog

from tidegate.balancer.logs.follow import Position
from tidegate.fleet.balancing import TrafficReport

# An hour of them, and of half a megabyte each, as with fifty busy target groups.
_REPORTS_MAX = 720
BYTES_MAX = 512 * 1024 * 1024

_T = TypeVar("_T")

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """`source`: this balancer, for good. `sequence`: of its newest report. `position`: up to where the
    access log is in reports."""

    source: str
    sequence: int = 0
    position: Position | None = None


class _Kept(msgspec.Struct):
    progress: Progress
    report: TrafficReport


class _Unread(msgspec.Struct):
    """The same, where nobody needs to know what is in the report."""

    progress: Progress
    report: msgspec.Raw


class Spool:
    """`folder` is made. What can be read there is gone on with; what cannot is lost. `bytes_max`: beyond
    it the oldest reports go."""

    def __init__(self, folder: Path, bytes_max: int = BYTES_MAX) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._state = folder / "progress.json"
        self.progress = self._load()
        self._bytes_max = bytes_max
        # How large each report's file is, by sequence, the oldest first.
        self._kept = {int(path.stem): path.stat().st_size for path in self._files()}
        self._bytes = sum(self._kept.values())

    @property
    def waiting(self) -> int:
        """How many reports control has not received."""
        return len(self._kept)

    def put(self, report: TrafficReport, position: Position) -> None:
        """Keep the next report. Raises OSError: then there is none, and its sequence is free."""
        progress = replace(self.progress, sequence=report.sequence, position=position)
        content = msgspec.json.encode(_Kept(progress=progress, report=report))
        _write(self._path(report.sequence), content)
        self.progress = progress
        self._kept[report.sequence] = len(content)
        self._bytes += len(content)
        while len(self._kept) > 1 and (len(self._kept) > _REPORTS_MAX or self._bytes > self._bytes_max):
            self._forget(next(iter(self._kept)))

    def note(self, position: Position) -> None:
        """The log was counted up to here, and there was nothing to report. Raises OSError."""
        progress = replace(self.progress, position=position)
        _write(self._state, msgspec.json.encode(progress))
        self.progress = progress

    def drop(self, sequence: int) -> None:
        """Control has received this report, and those before it. Raises OSError."""
        gone = [one for one in self._kept if one <= sequence]
        # While a newer report is there, that says how far measuring has come; and what is full gets room.
        if gone and len(gone) == len(self._kept):
            _write(self._state, msgspec.json.encode(self.progress))
        for one in gone:
            self._forget(one)

    def oldest(self) -> tuple[int, msgspec.Raw] | None:
        """The sequence of the oldest report that control has not received, and the report as it was
        written; what cannot be read goes. Raises OSError."""
        while self._kept:
            sequence = next(iter(self._kept))
            kept = _read(self._path(sequence), _Unread)
            if kept is not None:
                return sequence, kept.report
            self._forget(sequence)
        return None

    def _forget(self, sequence: int) -> None:
        self._path(sequence).unlink(missing_ok=True)
        self._bytes -= self._kept.pop(sequence)

    def _load(self) -> Progress:
        found = _read(self._state, Progress)
        # The newest that can be read says it all.
        newest = next(filter(None, (_read(path, _Unread) for path in reversed(self._files()))), None)
        if newest is not None and (found is None or newest.progress.sequence > found.sequence):
            found = newest.progress
        if found is None:
            found = Progress(source=str(uuid.uuid4()))
            _write(self._state, msgspec.json.encode(found))
        return found

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("[0-9]*.json"))

    def _path(self, sequence: int) -> Path:
        return self._folder / f"{sequence:012d}.json"


def _read(path: Path, kind: type[_T]) -> _T | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        _log.error("unreadable: measuring goes on without it", file=path.name, error=str(error))
        return None


def _write(path: Path, content: bytes) -> None:
    """Whole, or not at all, whenever this process dies. When the system does, what was last written may be
    lost: it is not worth waiting for a disk every few seconds."""
    temporary = path.with_suffix(".new")
    temporary.write_bytes(content)
    os.replace(temporary, path)
