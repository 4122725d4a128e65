"""Pid files that cannot be mistaken: a pid with the start time of its process.

A pid alone may belong to another process after a reboot or a wrap-around; with the start time that the
kernel keeps (field 22 of /proc/PID/stat, clock ticks since boot) it names one process for good.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from tidegate.cli.places import Places


@dataclass(frozen=True, slots=True)
class ProcessId:
    """`started` in clock ticks since boot; `restarts`: how often its supervisor had to start it again."""

    pid: int
    started: int
    restarts: int = 0

    @property
    def is_alive(self) -> bool:
        return start_time(self.pid) == self.started

    @property
    def uptime_seconds(self) -> float:
        since_boot = time.clock_gettime(time.CLOCK_BOOTTIME)
        return since_boot - self.started / os.sysconf("SC_CLK_TCK")

    def signal(self, number: int) -> None:
        """Send a signal, unless the process is gone."""
        if self.is_alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


def start_time(pid: int) -> int | None:
    """When the process started, in clock ticks since boot; None when it is gone or a zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    # The command name is in parentheses and may itself hold parentheses, and bytes of any kind.
    fields = text.rsplit(b")", 1)[1].split()
    return None if fields[0] in (b"Z", b"X") else int(fields[19])


def write(data_dir: Path, name: str, pid: int, *, restarts: int = 0) -> ProcessId:
    """Remember a running process under `name`."""
    process = ProcessId(pid, start_time(pid) or 0, restarts)
    folder = Places(data_dir).run
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{name}.pid"
    temporary.write_text(f"{process.pid} {process.started} {restarts}\n")
    temporary.replace(folder / f"{name}.pid")
    return process


def read(data_dir: Path, name: str) -> ProcessId | None:
    """The process remembered under `name`, when it still runs."""
    try:
        pid, started, restarts = (Places(data_dir).run / f"{name}.pid").read_text().split()
        process = ProcessId(int(pid), int(started), int(restarts))
    except (OSError, ValueError):
        return None
    return process if process.is_alive else None


def forget(data_dir: Path, name: str) -> None:
    (Places(data_dir).run / f"{name}.pid").unlink(missing_ok=True)


def names(data_dir: Path) -> list[str]:
    """Under which names processes are remembered, running or not."""
    return sorted(path.stem for path in Places(data_dir).run.glob("[!.]*.pid"))


def process_ids(data_dir: Path, name: str) -> list[int]:
    """The pids of a part: control, balancer, agent-INSTANCE; `haproxy` gives the balancer's children."""
    if name != "haproxy":
        process = read(data_dir, name)
        return [process.pid] if process else []
    balancer = read(data_dir, "balancer")
    return descendants(balancer.pid) if balancer else []


def descendants(pid: int) -> list[int]:
    """Every process below `pid`, parents first."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    found: list[int] = []
    frontier = [pid]
    while frontier:
        below = children.get(frontier.pop(), [])
        found += below
        frontier += below
    return found


def naming(argument: str) -> list[ProcessId]:
    """Processes that have exactly this argument on their command line."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if argument.encode() in (entry / "cmdline").read_bytes().split(b"\0"):
                    found.append(ProcessId(int(entry.name), start_time(int(entry.name)) or 0))
    return found


def stop(process: ProcessId, patience_seconds: float) -> None:
    """SIGTERM, then SIGKILL when it has not ended in time."""
    process.signal(signal.SIGTERM)
    deadline = time.monotonic() + patience_seconds
    while process.is_alive and time.monotonic() < deadline:
        time.sleep(0.02)
    process.signal(signal.SIGKILL)
