"""HAProxy's lines on requests that went wrong, read as they come.

Reading is paced, so that a flood of errors costs a bounded part of a core: what does not fit into the pipe
meanwhile is dropped. Nothing is lost by that: a line only says where to look.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence

from tidegate.balancer.haproxy.pipe import Pipe

_READ_BYTES_MAX = 64 * 1024
_PAUSE_SECONDS = 0.02


class ErrorLog:
    """`on_lines` is called in the running loop, from `start` on."""

    def __init__(self, on_lines: Callable[[Sequence[str]], None]) -> None:
        self._on_lines = on_lines
        self._pipe = Pipe()
        self._rest = b""

    @property
    def writer(self) -> int:
        return self._pipe.writer

    def start(self) -> None:
        asyncio.get_running_loop().add_reader(self._pipe.reader, self._read)

    def stop(self) -> None:
        asyncio.get_running_loop().remove_reader(self._pipe.reader)

    def _read(self) -> None:
        *lines, self._rest = (self._rest + os.read(self._pipe.reader, _READ_BYTES_MAX)).split(b"\n")
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._pipe.reader)
        loop.call_later(_PAUSE_SECONDS, self.start)
        self._on_lines([line.decode(errors="replace") for line in lines])
