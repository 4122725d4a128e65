"""What sessions of processes use, from /proc."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Collection

from tidegate.agent.decisions.usage import Usage

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
# Fields of /proc/PID/stat after the name: see proc(5).
_SESSION, _TIMES, _PAGES = 3, slice(11, 15), 21


def usage_by_session(sessions: Collection[int]) -> dict[int, Usage]:
    """Of each of these sessions, what its processes and their ended children have used.

    A session is named by its first process; what a container starts stays in it unless it means to leave.
    """
    ticks: defaultdict[int, int] = defaultdict(int)
    pages: defaultdict[int, int] = defaultdict(int)
    for entry in os.listdir("/proc"):
        if not entry.isdecimal():
            continue
        try:
            # The name, in parentheses, is any bytes.
            with open(f"/proc/{entry}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
        except OSError:
            continue
        session = int(fields[_SESSION])
        if session in sessions:
            ticks[session] += sum(int(field) for field in fields[_TIMES])
            pages[session] += int(fields[_PAGES])
    return {
        session: Usage(
            cpu_seconds=ticks[session] / _TICKS_PER_SECOND,
            memory_mib=pages[session] * _PAGE_BYTES / 2**20,
        )
        for session in ticks
    }
