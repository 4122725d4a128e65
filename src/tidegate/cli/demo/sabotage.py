"""Breaking things behind everyone's back: what act 9 and the drills need and no API offers.

Linux only, and as the user who owns the processes (root for Docker's containers).
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")
_LISTEN = "0A"


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
