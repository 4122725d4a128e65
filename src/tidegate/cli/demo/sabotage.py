"""Breaking things behind everyone's back: what act 9 and the drills need and no API offers.

Linux only, and as the user who owns the processes (root for Docker's containers).
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")
_LISTEN = "0A"
# An engine under load takes a second or two to close the port of what died.
GONE_SECONDS_MAX = 30.0


def kill_container(address: str, port: int, runtime_id: str | None) -> list[int]:
    """SIGKILL every process of the container that answers on `address:port`; their pids."""
    pids = container_processes(address, port, runtime_id)
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return pids


def container_processes(address: str, port: int, runtime_id: str | None) -> list[int]:
    """The pids of the container that answers on `address:port`.

    A Docker container's processes are found by its id in their cgroup; a process container's by the
    listening socket that they hold.
    """
    pids = list(_in_cgroup(runtime_id)) if runtime_id and len(runtime_id) == 64 else []
    return pids or list(_listening(address, port))


def refused_at(address: str, port: int) -> float:
    """When the port of a container that was killed stops accepting connections, by the monotonic clock:
    until then a request can still get into what is left of it, such as Docker's proxy.

    Raises TimeoutError.
    """
    deadline = time.monotonic() + GONE_SECONDS_MAX
    while time.monotonic() < deadline:
        try:
            socket.create_connection((address, port), timeout=GONE_SECONDS_MAX).close()
        except OSError:
            return time.monotonic()
        time.sleep(0.005)
    raise TimeoutError(f"{address}:{port} still accepts connections {GONE_SECONDS_MAX:g} s after the kill")


def _in_cgroup(container_id: str) -> Iterator[int]:
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if container_id in (entry / "cgroup").read_text():
                    yield int(entry.name)


def _listening(address: str, port: int) -> Iterator[int]:
    inodes = set(_listening_inodes(address, port))
    for entry in _PROC.iterdir():
        if not entry.name.isdigit() or not inodes:
            continue
        with contextlib.suppress(OSError):
            for descriptor in (entry / "fd").iterdir():
                link = os.readlink(descriptor)
                if link.startswith("socket:[") and link[8:-1] in inodes:
                    yield int(entry.name)
                    break


def _listening_inodes(address: str, port: int) -> Iterator[str]:
    # The kernel prints an IPv4 address as one little-endian hexadecimal word.
    little_endian = "".join(f"{int(octet):02X}" for octet in reversed(address.split(".")))
    for line in (_PROC / "net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        local, state, inode = fields[1], fields[3], fields[9]
        if state == _LISTEN and local in (f"{little_endian}:{port:04X}", f"00000000:{port:04X}"):
            yield inode
