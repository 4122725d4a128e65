"""What a process costs, and which core it may use."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Iterable
from pathlib import Path

_CPU_CLOCK = 2
_PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 2**20


def cpu_seconds(*pids: int) -> float:
    """User and system time of the processes, of threads that have ended too, to the nanosecond."""
    # What clock_getcpuclockid(3) makes of a pid: Python has it for threads only.
    return sum(time.clock_gettime((~pid << 3) | _CPU_CLOCK) for pid in pids)


def resident_mib(*pids: int) -> float:
    """Resident memory; pages that processes share are counted in each."""
    return sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids) * _PAGE_MIB


def cores() -> tuple[int, int]:
    """(core of what is measured, core of everything else); the same one where there is only one."""
    usable = sorted(os.sched_getaffinity(0))
    return usable[0], usable[-1]


def pin(core: int, pids: Iterable[int]) -> None:
    """Let every thread of the processes run on this core only."""
    for pid in pids:
        for task in _tasks(pid):
            # It may have ended since it was listed.
            with contextlib.suppress(ProcessLookupError):
                os.sched_setaffinity(int(task.name), {core})


def free_port() -> int:
    """A TCP port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _tasks(pid: int) -> list[Path]:
    try:
        return list(Path(f"/proc/{pid}/task").iterdir())
    except FileNotFoundError:
        return []
