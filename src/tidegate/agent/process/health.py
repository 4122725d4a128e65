"""Runs the health checks of processes, as Docker does those of its containers.

A check runs in the container's directory and with its environment. What it found is kept in the
container's folder: an agent that comes back goes on from there.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tidegate.agent.decisions.health import Health, HealthCheck, after_result, health_check
from tidegate.fleet.files import write_whole

_FILE = "health.json"

Place = tuple[str, str]


class HealthChecks:
    """One job per container with a check; `on_change` gets the task's id when a status changes."""

    def __init__(self, on_change: Callable[[str], None]) -> None:
        self._on_change = on_change
        self._jobs: dict[Place, asyncio.Task[None]] = {}
        self._known: dict[Place, Health] = {}

    def status(self, place: Place) -> str:
        return self._known.get(place, Health()).status

    def watch(self, place: Place, folder: Path, started_at: float, is_alive: Callable[[], bool]) -> None:
        """Check the container in the folder for as long as it lives, where it has a check at all."""
        specification: Mapping[str, Any] = json.loads((folder / "spec.json").read_text())
        check = health_check(specification.get("health_check"))
        if check is None or place in self._jobs:
            return
        self._known[place] = _kept(folder)
        job = asyncio.create_task(self._run(place, folder, specification, check, started_at, is_alive))
        self._jobs[place] = job
        job.add_done_callback(lambda _: self._jobs.pop(place, None))

    async def close(self) -> None:
        jobs = list(self._jobs.values())
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)

    async def _run(
        self,
        place: Place,
        folder: Path,
        specification: Mapping[str, Any],
        check: HealthCheck,
        started_at: float,
        is_alive: Callable[[], bool],
    ) -> None:
        while True:
            await asyncio.sleep(check.interval_seconds)
            if not is_alive():
                return
            running_seconds = time.time() - started_at
            is_good = await _passes(check, specification)
            before = self._known[place]
            after = after_result(before, check, is_good=is_good, running_seconds=running_seconds)
            if after == before:
                continue
            self._known[place] = after
            # The folder may be gone and the disk full: neither makes a container less healthy.
            with contextlib.suppress(OSError):
                _keep(folder, after)
            if after.status != before.status:
                self._on_change(place[0])


async def _passes(check: HealthCheck, specification: Mapping[str, Any]) -> bool:
    """Whether the command ends well and in time."""
    try:
        process = await asyncio.create_subprocess_exec(
            *check.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env=specification["environment"],
            cwd=specification["directory"],
            start_new_session=True,
        )
    except (OSError, ValueError):
        return False
    try:
        async with asyncio.timeout(check.timeout_seconds):
            return await process.wait() == 0
    except TimeoutError:
        return False
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


def _kept(folder: Path) -> Health:
    with contextlib.suppress(OSError, ValueError, TypeError):
        return Health(**json.loads((folder / _FILE).read_text()))
    return Health()


def _keep(folder: Path, health: Health) -> None:
    write_whole(folder / _FILE, json.dumps(asdict(health)).encode())
