"""What `tidegate up` does once its socket is bound: keeps control, the balancer and the agents running."""

from __future__ import annotations

import asyncio
import importlib
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from tidegate.cli.settings import Settings
from tidegate.cli.supervisor import STABLE_AFTER_SECONDS, Part, Supervisor, restart_delay, stop_signals


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast control takes a silent host as lost, and how much faster than AWS's its policies scale."""

    host_lost_after_seconds: float
    scaling_speed: float

    @property
    def options(self) -> list[str]:
        lost, speed = f"{self.host_lost_after_seconds:g}", f"{self.scaling_speed:g}"
        return ["--host-lost-after", lost, "--scaling-speed", speed]


async def run(
    data_dir: Path,
    chosen: Settings,
    listener: socket.socket,
    pace: Pace,
    tell: Callable[[str], None],
) -> None:
    """Keep everything running until SIGINT or SIGTERM, then stop it all, containers included."""
    stopping = asyncio.Event()
    stop_signals(stopping.set)
    supervisor = Supervisor(data_dir, tell)
    supervisor.keep(_control(data_dir, chosen, listener, pace))
    supervisor.keep(_balancer(data_dir, chosen))
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


def credentials(settings: Settings) -> dict[str, str]:
    """The environment that gives a part its keys: never its command line, which others can read."""
    return {
        "AWS_ACCESS_KEY_ID": settings.access_key,
        "AWS_SECRET_ACCESS_KEY": settings.secret_key,
        "AWS_REGION": settings.region,
        "TIDEGATE_ACCOUNT": settings.account,
    }


def _control(
    data_dir: Path,
    chosen: Settings,
    listener: socket.socket,
    pace: Pace,
) -> Part:
    command = [sys.executable, "-m", "tidegate.cli.main", "control", "--data-dir", str(data_dir)]
    command += ["--listen-fd", str(listener.fileno()), *pace.options]
    environment = credentials(chosen)
    if chosen.database_url:
        # It may hold a password.
        environment["TIDEGATE_DATABASE_URL"] = chosen.database_url
    return Part(
        name="control",
        command=command,
        environment=environment,
        descriptors=(listener.fileno(),),
        is_adoptable=False,
    )


def _balancer(data_dir: Path, chosen: Settings) -> Part:
    command = [sys.executable, "-m", "tidegate.cli.main", "balancer"]
    command += ["--data-dir", str(data_dir), "--endpoint", chosen.url]
    return Part(name="balancer", command=command, environment=credentials(chosen))
