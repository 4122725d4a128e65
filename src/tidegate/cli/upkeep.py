"""What `tidegate up` does: binds the API's socket, keeps control, the balancer and the agents running."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tidegate.cli import processes, settings
from tidegate.cli.host import HostSession, credentials
from tidegate.cli.instances import end_instance
from tidegate.cli.places import Places
from tidegate.cli.settings import Settings
from tidegate.cli.supervisor import Part, Supervisor, stop_signals

_BACKLOG = 1024


class UpError(Exception):
    """It cannot start; the message says what to do."""


def bind(endpoint: str) -> socket.socket:
    """The API's listening socket, which outlives every control process. Raises UpError."""
    host, _, port = endpoint.rpartition(":")
    if not host or not port.isdigit():
        raise UpError(f"--endpoint takes HOST:PORT, not {endpoint}")
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host.strip("[]"), int(port)))
    except OSError as error:
        listener.close()
        raise UpError(
            f"{endpoint} cannot be used ({error.strerror}): stop what listens there, or choose another "
            "with --endpoint HOST:PORT (port 0 takes a free one)"
        ) from error
    listener.listen(_BACKLOG)
    return listener


def take_over(data_dir: Path) -> None:
    """Refuse when a supervisor runs; end the control that a dead one left behind, so that its socket is
    free. The balancer and the agents are adopted as they are."""
    supervisor = processes.read(data_dir, "supervisor")
    if supervisor is not None:
        raise UpError(f"tidegate is up already (pid {supervisor.pid}): see `tidegate status`")
    control = processes.read(data_dir, "control")
    if control is not None:
        processes.stop(control, 10.0)


async def run(
    data_dir: Path,
    chosen: Settings,
    listener: socket.socket,
    host_lost_after_seconds: float,
    database_url: str | None,
    tell: Callable[[str], None],
) -> None:
    """Keep everything running until SIGINT or SIGTERM, then stop it all, containers included."""
    stopping = asyncio.Event()
    stop_signals(stopping.set)
    supervisor = Supervisor(data_dir, tell)
    supervisor.keep(_control(data_dir, chosen, listener, host_lost_after_seconds, database_url))
    supervisor.keep(_balancer(data_dir, chosen))
    session = HostSession(data_dir, chosen, supervisor, lambda name: end_instance(data_dir, name), tell)
    following = asyncio.create_task(session.run())
    await stopping.wait()
    tell("stopping")
    following.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await following
    # Control first: it must not take the end of containers for failures to mend.
    await supervisor.drop("control")
    names = [name for name in processes.names(data_dir) if name.startswith("agent-")]
    await asyncio.gather(*(supervisor.drop(name) for name in names))
    ends = [name.removeprefix("agent-") for name in names]
    await asyncio.gather(*(asyncio.to_thread(end_instance, data_dir, name) for name in ends))
    await supervisor.drop("balancer")


def choose_settings(
    data_dir: Path,
    *,
    endpoint: str | None,
    region: str | None,
    account: str | None,
    access_key: str | None,
    secret_key: str | None,
    runtime: str,
) -> tuple[Settings, socket.socket]:
    """The installation's settings, made on the first start, and the bound socket."""
    known: Settings | None = None
    if Places(data_dir).settings.exists():
        known = settings.load(data_dir)
    listener = bind(endpoint or (known.endpoint if known else settings.DEFAULT_ENDPOINT))
    host, port = listener.getsockname()[:2]
    if known is None:
        known = Settings(
            endpoint="",
            region=settings.DEFAULT_REGION,
            account=settings.DEFAULT_ACCOUNT,
            access_key=settings.new_access_key(),
            secret_key=settings.new_secret_key(),
            network=settings.free_network(),
            runtime=runtime,
        )
    chosen = replace(
        known,
        endpoint=f"{host}:{port}",
        region=region or known.region,
        account=account or known.account,
        access_key=access_key or known.access_key,
        secret_key=secret_key or known.secret_key,
        runtime=runtime,
    )
    settings.save(data_dir, chosen)
    return chosen, listener


def _control(
    data_dir: Path,
    chosen: Settings,
    listener: socket.socket,
    host_lost_after_seconds: float,
    database_url: str | None,
) -> Part:
    command = [sys.executable, "-m", "tidegate.cli.main", "control", "--data-dir", str(data_dir)]
    command += ["--listen-fd", str(listener.fileno()), "--host-lost-after", f"{host_lost_after_seconds:g}"]
    if database_url:
        command += ["--database-url", database_url]
    return Part(
        name="control",
        command=command,
        environment=credentials(chosen),
        descriptors=(listener.fileno(),),
        is_adoptable=False,
    )


def _balancer(data_dir: Path, chosen: Settings) -> Part:
    command = [sys.executable, "-m", "tidegate.cli.main", "balancer"]
    command += ["--data-dir", str(data_dir), "--endpoint", chosen.url]
    return Part(name="balancer", command=command, environment=credentials(chosen))
