"""A pipe whose writing end HAProxy inherits as a log."""

from __future__ import annotations

import contextlib
import fcntl
import os

PIPE_BYTES = 1024 * 1024


class Pipe:
    """Neither end blocks: a full pipe drops lines, and holds up no request."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()
        with contextlib.suppress(OSError):
            # More than the system allows an ordinary user: the default of 64 KiB remains.
            fcntl.fcntl(self.reader, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        os.set_blocking(self.writer, False)
        os.set_blocking(self.reader, False)
