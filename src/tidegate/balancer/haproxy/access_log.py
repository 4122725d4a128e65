"""The access log: a pipe from HAProxy, spliced into files by a thread, with no line of Python per request.

A reader that stands still fails no request: what does not fit into the pipe is dropped, and HAProxy
counts it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from pathlib import Path

_PIPE_BYTES = 1024 * 1024
_SEGMENT_BYTES_MAX = 32 * 1024 * 1024
_SEGMENTS_MAX = 4
_EVERY_SECONDS = 0.02


class AccessLog:
    """Segments `access.log`, `access.log.1`, ...: the newest first, a bounded number of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reader, self.writer = os.pipe()
        with contextlib.suppress(OSError):
            # More than the system allows an ordinary user: the default of 64 KiB remains.
            fcntl.fcntl(self._reader, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        os.set_blocking(self.writer, False)
        os.set_blocking(self._reader, False)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="access-log", daemon=True)

    def start(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        path = self._folder / "access.log"
        segment = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        written = os.lseek(segment, 0, os.SEEK_END)
        while not self._stopping.wait(_EVERY_SECONDS):
            with contextlib.suppress(BlockingIOError):
                while count := os.splice(self._reader, segment, _PIPE_BYTES):
                    written += count
            if written > _SEGMENT_BYTES_MAX:
                os.close(segment)
                self._rotate(path)
                segment = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
                written = 0
        os.close(segment)

    def _rotate(self, path: Path) -> None:
        for number in range(_SEGMENTS_MAX - 1, 0, -1):
            older = path.with_name(f"access.log.{number}")
            newer = path.with_name(f"access.log.{number - 1}") if number > 1 else path
            if newer.exists():
                newer.replace(older)
