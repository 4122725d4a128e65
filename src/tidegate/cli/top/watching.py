"""Draws look after look until somebody has seen enough.

Frames are drawn over each other on the terminal's other screen, each in one piece: nothing flickers, and what
was on the screen before is there again afterwards. A thread looks, so that keys are heard, and the age of
what is shown is told, while the API does not answer.
"""

from __future__ import annotations

import contextlib
import os
import select
import sys
import termios
import threading
import time
import tty
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.live import Live

from tidegate.cli.top.frame import Frame
from tidegate.cli.top.seen import Seen

_ENOUGH = (b"q", b"Q", b"\x03", b"\x1b")
# Between two frames while nothing new is there, and the age after which that is told.
_REDRAW_SECONDS = 0.5
_OLD_SECONDS = 5.0


class Latest:
    """Looks every so often, on a thread of its own; `seen` and `trouble` are what came of it."""

    def __init__(self, look: Callable[[], Seen], seen: Seen, every_seconds: float) -> None:
        self._look = look
        self.every_seconds = every_seconds
        self.seen = seen
        self.trouble = ""
        self.news = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, name="looking", daemon=True).start()

    def _run(self) -> None:
        while True:
            began = time.monotonic()
            self.look_once()
            time.sleep(max(0.1, self.every_seconds - (time.monotonic() - began)))

    def look_once(self) -> None:
        try:
            self.seen, self.trouble = self._look(), ""
        except (ClientError, BotoCoreError) as error:
            self.trouble = f"the API does not answer ({error})"
        self.news.set()


def watch(console: Console, title: str, look: Callable[[], Seen], seen: Seen, every_seconds: float) -> None:
    """Until q or Ctrl-C."""
    latest = Latest(look, seen, every_seconds)
    latest.start()
    with (
        contextlib.suppress(KeyboardInterrupt),
        _keys(),
        Live(console=console, screen=True, auto_refresh=False) as live,
    ):
        while True:
            live.update(frame_of(title, latest, datetime.now(UTC)), refresh=True)
            latest.news.clear()
            if _is_enough(latest.news):
                return


def frame_of(title: str, latest: Latest, now: datetime) -> Frame:
    """What is to be drawn now."""
    trouble, age = latest.trouble, (now - latest.seen.at).total_seconds()
    if not trouble and age > _OLD_SECONDS + latest.every_seconds:
        trouble = "the API has not answered yet"
    return Frame(title=title, seen=latest.seen, now=now, trouble=trouble)


@contextlib.contextmanager
def _keys() -> Iterator[None]:
    """Have keys come one by one, and not show."""
    if not sys.stdin.isatty():
        yield
        return
    before = termios.tcgetattr(sys.stdin)
    tty.setcbreak(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _is_enough(news: threading.Event) -> bool:
    """Wait for news, at most until the next frame is due, or until somebody wants to leave."""
    until = time.monotonic() + _REDRAW_SECONDS
    while not news.is_set() and time.monotonic() < until:
        if not sys.stdin.isatty():
            news.wait(_REDRAW_SECONDS)
        elif select.select([sys.stdin], [], [], 0.1)[0] and os.read(sys.stdin.fileno(), 1) in _ENOUGH:
            return True
    return False
