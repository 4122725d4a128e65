"""The virtual container instances of this host: ending their containers, killing them."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tidegate.agent.docker import runtime as docker
from tidegate.agent.process import runtime as process
from tidegate.agent.runtime import RuntimeUnavailableError
from tidegate.cli import processes
from tidegate.cli.places import Places, command
from tidegate.cli.settings import SettingsError, load

_STOP_SECONDS = 10.0


class UnknownInstanceError(Exception):
    """There is no such instance on this host."""


@dataclass(frozen=True, slots=True)
class HostedInstance:
    """An instance that this host runs or ran. `status`: running, killed, ended or stopped."""

    instance_id: str
    status: str
    agent: processes.ProcessId | None


def agent_name(instance_id: str) -> str:
    """The name of an agent's pid file and log."""
    return f"agent-{instance_id}"


def hosted(data_dir: Path) -> list[HostedInstance]:
    """Every instance that has a directory here."""
    folder = Places(data_dir).instances
    found = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        agent = processes.read(data_dir, agent_name(path.name))
        status = "running" if agent else "stopped"
        if (path / "ended").exists():
            status = "ended"
        elif Places(data_dir).killed(path.name).exists():
            status = "killed"
        found.append(HostedInstance(path.name, status, agent))
    return found


def end_instance(data_dir: Path, instance_id: str) -> None:
    """Stop an instance's containers politely; its agent is gone already."""
    _end_containers(data_dir, instance_id, _STOP_SECONDS)


def kill_instance(data_dir: Path, instance_id: str) -> str:
    """End an instance as a power cut would: agent and containers at once, and no restart. Its status before;
    what was killed before is killed again, since that may have been cut short.

    Raises UnknownInstanceError.
    """
    known = next((one for one in hosted(data_dir) if one.instance_id == instance_id), None)
    if known is None:
        listing = command("instance ls", data_dir)
        raise UnknownInstanceError(f"there is no instance {instance_id} here: see `{listing}`")
    if known.status == "ended":
        return known.status
    # The mark first: the supervisor looks for it before it restarts an agent.
    Places(data_dir).killed(instance_id).touch()
    agent = processes.read(data_dir, agent_name(instance_id))
    if agent is not None:
        agent.signal(signal.SIGKILL)
    _end_containers(data_dir, instance_id, 0.0)
    return known.status


def remove_containers(data_dir: Path, instance_id: str) -> None:
    """Remove what an instance that will not come back has left in the engine: a process's container is
    in the instance's directory and goes with it."""
    folder = Places(data_dir).instance(instance_id)
    _on_docker(data_dir, lambda: docker.remove_all(folder))


def _end_containers(data_dir: Path, instance_id: str, timeout_seconds: float) -> None:
    folder = Places(data_dir).instance(instance_id)
    process.end_all(folder, timeout_seconds)
    _on_docker(data_dir, lambda: docker.end_all(folder, timeout_seconds))


def _on_docker(data_dir: Path, act: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run `act` where tasks run on Docker. Without its engine Docker's containers are as gone as they can
    be."""
    with contextlib.suppress(SettingsError, RuntimeUnavailableError):
        if load(data_dir).runtime == "docker":
            asyncio.run(act())
