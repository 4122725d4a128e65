"""The access log: a pipe from HAProxy, spliced into files by a thread, with no line of Python per request.

A reader that stands still fails no request: what does not fit into the pipe is dropped, and HAProxy
counts it. What cannot be written, to a full disk say, is dropped too. A balancer that dies leaves its HAProxy
serving; what that writes waits in the pipe for the next.
"""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

import structlog

from tidegate.balancer.haproxy.pipe import PIPE_BYTES, Pipe

_SEGMENT_BYTES_MAX = 32 * 1024 * 1024
_SEGMENTS_MAX = 4
_EVERY_SECONDS = 0.02

_log = structlog.get_logger(__name__)


class AccessLog:
    """Segments `access.log`, `access.log.1`, ...: the newest first, a bounded number of them."""

    def __init__(self, folder: Path, segment_bytes_max: int = _SEGMENT_BYTES_MAX) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._segment_bytes_max = segment_bytes_max
        self._pipe = Pipe(folder / "access.pipe")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="access-log", daemon=True)

    @property
    def writer(self) -> int:
        return self._pipe.writer

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Write what has come, and end."""
        self._stopping.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        path = self._folder / "access.log"
        segment, written, is_failing = None, 0, False
        while True:
            is_last = self._stopping.wait(_EVERY_SECONDS)
            try:
                if segment is None:
                    segment, written = _open(path)
                written += self._drain(segment)
                if written > self._segment_bytes_max:
                    _close(segment)
                    segment = None
                    self._rotate(path)
                    segment, written = _open(path)
                is_failing = False
            except OSError as error:
                _close(segment)
                segment = None
                self._drop(path, error, is_new=not is_failing)
                is_failing = True
            if is_last:
                _close(segment)
                return

    def _drop(self, path: Path, error: OSError, *, is_new: bool) -> None:
        """Let go of what cannot be written. The next segment begins with a whole line, and the oldest gives
        its room."""
        with contextlib.suppress(BlockingIOError):
            while os.read(self._pipe.reader, PIPE_BYTES):
                """A line that was written in part is dropped to its end."""
        if is_new:
            _log.error("access log entries are lost", error=str(error))
            with contextlib.suppress(OSError):
                self._rotate(path)

    def _drain(self, segment: int) -> int:
        moved = 0
        with contextlib.suppress(BlockingIOError):
            while count := os.splice(self._pipe.reader, segment, PIPE_BYTES):
                moved += count
        return moved

    def _rotate(self, path: Path) -> None:
        for number in range(_SEGMENTS_MAX - 1, 0, -1):
            older = path.with_name(f"access.log.{number}")
            newer = path.with_name(f"access.log.{number - 1}") if number > 1 else path
            if newer.exists():
                newer.replace(older)


def _close(segment: int | None) -> None:
    if segment is not None:
        os.close(segment)


def _open(path: Path) -> tuple[int, int]:
    """The segment's descriptor, and the bytes that it holds already. Splicing refuses files that are open
    for appending."""
    segment = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    return segment, os.lseek(segment, 0, os.SEEK_END)
