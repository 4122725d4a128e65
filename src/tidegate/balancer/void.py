"""A place that neither takes connections nor refuses them, as behind a security group that drops them.

A listening socket whose queue is full: the system drops what else arrives, without an answer. It needs no
privilege, and stands for every target that security groups do not let the load balancer reach.
"""

from __future__ import annotations

import contextlib
import socket

# The queue holds one more than asked for.
_QUEUE = 0
_FILL = 4


class Void:
    """`place`: address and port. Open until `close`."""

    def __init__(self) -> None:
        self._listening = socket.socket()
        self._listening.bind(("127.0.0.1", 0))
        self._listening.listen(_QUEUE)
        address, port = self._listening.getsockname()
        self.place: tuple[str, int] = (address, port)
        self._waiting = [socket.socket() for _ in range(_FILL)]
        for one in self._waiting:
            one.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                one.connect(self.place)

    def close(self) -> None:
        for one in (*self._waiting, self._listening):
            one.close()
