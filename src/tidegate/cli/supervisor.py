"""Keeps a set of processes running: starts them, adopts those that an earlier supervisor left behind,
and restarts what dies, with back-off.

The first restart after a death is immediate; a process that keeps dying is started again after 0.5 s,
1 s, 2 s, ... at most 15 s. A life of more than ten seconds clears the record.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tidegate.cli import parts, processes
from tidegate.cli.parts import Part
from tidegate.cli.places import Places

BACK_OFF_FIRST_SECONDS = 0.5
BACK_OFF_SECONDS_MAX = 15.0
STABLE_AFTER_SECONDS = 10.0
LOG_BYTES_MAX = 16 * 1024 * 1024
_ROTATE_EVERY_SECONDS = 60.0


def restart_delay(crashes: int) -> float:
    """Seconds to wait before the start that follows `crashes` early deaths in a row."""
    if crashes <= 1:
        return 0.0
    return min(BACK_OFF_SECONDS_MAX, BACK_OFF_FIRST_SECONDS * float(2 ** (crashes - 2)))


@dataclass(slots=True)
class _Charge:
    part: Part
    job: asyncio.Task[None]
    process: processes.ProcessId | None = None


class Supervisor:
    """Runs parts until told to stop them. All methods belong to one event loop."""

    def __init__(self, data_dir: Path, tell: Callable[[str], None]) -> None:
        self._data_dir = data_dir
        self._tell = tell
        self._charges: dict[str, _Charge] = {}

    @property
    def running(self) -> list[str]:
        """Names of the parts whose process is alive."""
        return [n for n, charge in self._charges.items() if charge.process and charge.process.is_alive]

    def keep(self, part: Part, process: processes.ProcessId | None = None) -> None:
        """Begin to keep a part running, as `process` where it was started already; does nothing when it is
        kept already."""
        if part.name not in self._charges:
            self._charges[part.name] = _Charge(part, asyncio.create_task(self._run(part, process)))

    async def drop(self, name: str, *, patience_seconds: float = 10.0) -> None:
        """Stop a part, also one that an earlier supervisor left behind, and keep it no longer."""
        self.abandon(name)
        process = processes.read(self._data_dir, name)
        if process is not None:
            await asyncio.to_thread(processes.stop, process, patience_seconds)
        processes.forget(self._data_dir, name)

    def abandon(self, name: str) -> None:
        """Keep a part no longer, but leave its process alone."""
        charge = self._charges.pop(name, None)
        if charge is not None:
            charge.job.cancel()

    def abandon_all(self) -> None:
        """Keep nothing any longer, but leave every process alone."""
        for name in list(self._charges):
            self.abandon(name)

    async def rotate_logs(self) -> None:
        """Bound the parts' log files, for ever."""
        while True:
            await asyncio.sleep(_ROTATE_EVERY_SECONDS)
            for log in Places(self._data_dir).logs.glob("*.log"):
                try:
                    rotate(log, LOG_BYTES_MAX)
                except OSError as error:
                    # The others may have room to give back.
                    self._tell(f"{log} stays as long as it is: {error}")

    async def _run(self, part: Part, process: processes.ProcessId | None) -> None:
        crashes = restarts = 0
        if part.is_adoptable:
            process = processes.read(self._data_dir, part.name)
        while True:
            if part.unless is not None and part.unless.exists():
                self._tell(f"{part.name} is not started: {part.unless} forbids it")
                return
            began = time.monotonic()
            try:
                process = process or parts.start(self._data_dir, part, restarts=restarts)
                self._charges[part.name].process = process
                await _death_of(process)
                what = f"(pid {process.pid}) died after {time.monotonic() - began:.1f} s"
            except OSError as error:
                what = f"could not be started ({error})"
            process, restarts = None, restarts + 1
            crashes = 1 if time.monotonic() - began > STABLE_AFTER_SECONDS else crashes + 1
            delay = restart_delay(crashes)
            self._tell(f"{part.name} {what}; restart in {delay:g} s")
            await asyncio.sleep(delay)


def rotate(log: Path, bytes_max: int) -> None:
    """Move a long log's lines to `.log.1`. Its writer has it open for appending, so it is emptied, not
    replaced; a line that is written meanwhile may be lost. Raises OSError, with the log as it was."""
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > bytes_max:
            older = log.with_suffix(".log.1")
            try:
                shutil.copyfile(log, older)
            except OSError:
                # Half a copy only fills the disk.
                older.unlink(missing_ok=True)
                raise
            os.truncate(log, 0)


async def _death_of(process: processes.ProcessId) -> None:
    """Return when the process is gone, whether it is our child or not."""
    loop = asyncio.get_running_loop()
    gone = asyncio.Event()
    try:
        descriptor = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return
    try:
        loop.add_reader(descriptor, gone.set)
        if process.is_alive:
            await gone.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
        _reap(process.pid)


def _reap(pid: int) -> None:
    """Take a dead child's status so that no zombie is left; another's child is not ours to take."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def stop_signals(callback: Callable[[], None]) -> None:
    """Call back on SIGINT or SIGTERM, and on one that was held back until now."""
    loop = asyncio.get_running_loop()
    for number in parts.STOP_SIGNALS:
        loop.add_signal_handler(number, callback)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, parts.STOP_SIGNALS)
