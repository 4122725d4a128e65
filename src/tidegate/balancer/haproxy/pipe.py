"""A pipe whose writing end HAProxy inherits as a log."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from pathlib import Path

PIPE_BYTES = 1024 * 1024


class Pipe:
    """Neither end blocks: a full pipe drops lines, and holds up no request. With a path, what HAProxy writes
    while nobody reads, for want of a balancer, waits for the one that comes next."""

    def __init__(self, path: Path | None = None) -> None:
        self.reader, self.writer = os.pipe() if path is None else _named(path)
        with contextlib.suppress(OSError):
            # More than the system allows an ordinary user: the default of 64 KiB remains.
            fcntl.fcntl(self.reader, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        os.set_blocking(self.writer, False)
        os.set_blocking(self.reader, False)


def _named(path: Path) -> tuple[int, int]:
    """Both ends. The one to write to is open for reading too: so HAProxy itself is always a reader, without
    which what is written would be refused."""
    if not path.exists() or not stat.S_ISFIFO(path.stat().st_mode):
        path.unlink(missing_ok=True)
        os.mkfifo(path, 0o600)
    return os.open(path, os.O_RDONLY | os.O_NONBLOCK), os.open(path, os.O_RDWR | os.O_NONBLOCK)
