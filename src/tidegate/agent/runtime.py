"""What an agent asks of a container runtime. The fake, Docker and processes pass the same tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tidegate.agent.decisions.usage import Usage
from tidegate.agent.payload import ContainerPayload, TaskPayload


class RuntimeFault(Exception):
    """A container could not be created or started; `reason` is in the form `Name: text` that ECS shows.
    Final: the task stops."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RuntimeUnavailableError(Exception):
    """The engine does not answer. Retryable: what is unknown stays unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    bind_ip: str
    container_port: int
    host_port: int
    protocol: str = "tcp"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerState:
    """One container as the runtime sees it. `status`: created, running or stopped."""

    task_id: str
    name: str
    status: str
    runtime_id: str = ""
    exit_code: int | None = None
    reason: str | None = None
    health: str = "UNKNOWN"
    bindings: tuple[Binding, ...] = ()


class Runtime(Protocol):
    """One instance's containers. `on_change` is called (on the loop) when a container may have changed."""

    name: str

    async def open(self, on_change: Callable[[str], None]) -> None:
        """Connect, and adopt what an earlier agent started; `on_change` gets task ids."""
        ...

    async def close(self) -> None:
        """Let go; containers run on."""
        ...

    async def containers(self, task_id: str | None = None) -> dict[tuple[str, str], ContainerState]:
        """Every container of this instance, or of one of its tasks, by (task id, name). Raises
        RuntimeUnavailableError."""
        ...

    async def start(self, task: TaskPayload, container: ContainerPayload) -> None:
        """Create and start one; doing it twice starts one. Raises RuntimeFault."""
        ...

    async def stop(self, task_id: str, name: str, timeout_seconds: float) -> None:
        """SIGTERM, and SIGKILL after the timeout; returns when it is stopped. Raises
        RuntimeUnavailableError."""
        ...

    async def usage(self) -> dict[tuple[str, str], Usage]:
        """What the running containers have used, by (task id, name). Raises RuntimeUnavailableError."""
        ...

    async def remove(self, task_id: str) -> None:
        """Forget a stopped task's containers and volumes; its logs stay. Raises RuntimeUnavailableError."""
        ...
