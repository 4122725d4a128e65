"""What `tidegate up` does once its socket is bound: keeps control, the balancer and the agents running."""

from __future__ import annotations

import asyncio
import importlib
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from tidegate.cli import parts
from tidegate.cli.parts import Part
from tidegate.cli.processes import ProcessId
from tidegate.cli.settings import Settings
from tidegate.cli.supervisor import STABLE_AFTER_SECONDS, Supervisor, restart_delay, stop_signals


async def run(
    data_dir: Path,
    chosen: Settings,
    control: Part,
    started: ProcessId | None,
    tell: Callable[[str], None],
) -> None:
    """Keep everything running until SIGINT or SIGTERM, then stop it all, containers included. `started`:
    control's process, where it was started already."""
    stopping = asyncio.Event()
    stop_signals(stopping.set)
    supervisor = Supervisor(data_dir, tell)
    supervisor.keep(control, started)
    supervisor.keep(parts.balancer(data_dir, chosen))
    jobs = [
        asyncio.create_task(persistently("log rotation", supervisor.rotate_logs, tell)),
        asyncio.create_task(
            persistently(
                "the session with control", lambda: _follow(data_dir, chosen, supervisor, tell), tell
            )
        ),
    ]
    await stopping.wait()
    tell("stopping")
    for job in jobs:
        job.cancel()
    await asyncio.gather(*jobs, return_exceptions=True)
    supervisor.abandon_all()
    shutdown = importlib.import_module("tidegate.cli.shutdown")
    await asyncio.to_thread(shutdown.stop_everything, data_dir)


async def persistently(name: str, work: Callable[[], Awaitable[object]], tell: Callable[[str], None]) -> None:
    """Begin endless work again, as soon and as late as a process, whenever it ends; until cancelled.

    Nobody waits for these jobs: without this, one that failed would be missed only when instances are
    no longer started.
    """
    crashes = 0
    while True:
        began = time.monotonic()
        try:
            await work()
            what = "ended"
        except Exception as error:
            what = f"failed ({type(error).__name__}: {error})"
        crashes = 1 if time.monotonic() - began > STABLE_AFTER_SECONDS else crashes + 1
        delay = restart_delay(crashes)
        tell(f"{name} {what}; again in {delay:g} s")
        await asyncio.sleep(delay)


async def _follow(
    data_dir: Path, chosen: Settings, supervisor: Supervisor, tell: Callable[[str], None]
) -> None:
    """Keep the agents that control wants."""
    # An HTTP client and both runtimes: imported while control starts, which needs nothing of it.
    host = await asyncio.to_thread(importlib.import_module, "tidegate.cli.host")
    await host.HostSession(data_dir, chosen, supervisor, tell).run()
