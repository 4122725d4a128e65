"""What the kernel knows of TCP: connections on which something was sent again, and listeners that are full.

Linux's sock_diag over netlink, which every user may ask.
"""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

from tidegate.balancer.decisions.silence import Unacknowledged

_SOCK_DIAG, _SOCK_DIAG_BY_FAMILY = 4, 20
_NLMSG_ERROR, _NLMSG_DONE = 2, 3
_REQUEST_DUMP = 0x301
_ESTABLISHED, _SYN_SENT, _LISTENING = 1, 2, 10
# An attribute of a socket: its memory, of which the ninth number is what was dropped.
_MEMORY, _DROPS_AT = 7, 4 + 8 * 4
_SOCKET_BYTES = 72
_RETRANSMITTING = 1
_FILTER_ATTRIBUTE, _SOURCE_PORT_AT_LEAST = 1, 2

_HEADER = struct.Struct("=IHHII")
_QUESTION = struct.Struct("=BBBBI48x")
# Family, state, timer, retransmissions, source and destination port, source and destination address.
_SOCKET = struct.Struct("=BBBB2x2s16s16s")
_LISTENER = struct.Struct("=4x2s2x4s")
_ATTRIBUTE = struct.Struct("=HH")
# A jump over the filter's end is a no; the second word holds the port.
_FILTER = struct.Struct("=HHBBHHH")
_BUFFER_BYTES = 256 * 1024


def unacknowledged() -> list[Unacknowledged]:
    """This network namespace's outgoing TCP connections on which something was sent again. Raises OSError."""
    first_port = _first_ephemeral_port()
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _SOCK_DIAG) as kernel:
        return [
            one for family in (socket.AF_INET, socket.AF_INET6) for one in _dump(kernel, family, first_port)
        ]


def _first_ephemeral_port() -> int:
    """Outgoing connections have a port from here on; so the kernel leaves out those of clients."""
    return int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])


def refusals() -> dict[tuple[str, int], int]:
    """How many connections were turned away at each IPv4 address and port that is listened at, since it is,
    for the queue was full of those that nobody had taken. Raises OSError."""
    question = _QUESTION.pack(socket.AF_INET, socket.IPPROTO_TCP, 1 << (_MEMORY - 1), 0, 1 << _LISTENING)
    totals: dict[tuple[str, int], int] = {}
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _SOCK_DIAG) as kernel:
        for answer, position, end in _asked(kernel, question):
            port, address = _LISTENER.unpack_from(answer, position)
            place = (socket.inet_ntop(socket.AF_INET, address), int.from_bytes(port, "big"))
            totals[place] = totals.get(place, 0) + _drops(answer, position + _SOCKET_BYTES, end)
    return totals


def _drops(answer: bytes, position: int, end: int) -> int:
    while position + _ATTRIBUTE.size <= end:
        length, kind = _ATTRIBUTE.unpack_from(answer, position)
        if kind == _MEMORY:
            return int.from_bytes(answer[position + _DROPS_AT : position + _DROPS_AT + 4], sys.byteorder)
        position += (length + 3) & ~3 or _ATTRIBUTE.size
    return 0


def _dump(kernel: socket.socket, family: int, first_port: int) -> Iterator[Unacknowledged]:
    states = 1 << _ESTABLISHED | 1 << _SYN_SENT
    question = _QUESTION.pack(family, socket.IPPROTO_TCP, 0, 0, states)
    condition = _FILTER.pack(_FILTER.size, _FILTER_ATTRIBUTE, _SOURCE_PORT_AT_LEAST, 8, 12, 0, first_port)
    for answer, position, _ in _asked(kernel, question + condition):
        found = _read(answer, position)
        if found is not None:
            yield found


def _asked(kernel: socket.socket, question: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Messages, and where in them a socket is told of, from its beginning to its end."""
    length = _HEADER.size + len(question)
    kernel.send(_HEADER.pack(length, _SOCK_DIAG_BY_FAMILY, _REQUEST_DUMP, 0, 0) + question)
    while True:
        answer = kernel.recv(_BUFFER_BYTES)
        position = 0
        while position < len(answer):
            length, kind, *_ = _HEADER.unpack_from(answer, position)
            if kind == _NLMSG_DONE:
                return
            if kind == _NLMSG_ERROR:
                raise OSError("the kernel does not tell of its connections")
            yield answer, position + _HEADER.size, position + length
            position += (length + 3) & ~3


def _read(answer: bytes, position: int) -> Unacknowledged | None:
    # Timer and count first: nearly all connections end here.
    if answer[position + 2] != _RETRANSMITTING or not answer[position + 3]:
        return None
    family, state, _, count, port, _, address = _SOCKET.unpack_from(answer, position)
    size = 4 if family == socket.AF_INET else 16
    return Unacknowledged(
        address=socket.inet_ntop(family, address[:size]),
        port=int.from_bytes(port, "big"),
        count=count,
        is_connecting=state == _SYN_SENT,
    )
