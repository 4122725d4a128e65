"""The engine over a runtime whose actions fail, or do nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tidegate.agent.decisions.usage import Usage
from tidegate.agent.engine import Engine
from tidegate.agent.ledger import Ledger
from tidegate.agent.payload import ContainerPayload, TaskPayload
from tidegate.agent.runtime import ContainerState, RuntimeFault

ARN = "arn:aws:ecs:us-east-1:000000000000:task/c/0123456789abcdef0123456789abcdef"
ORDER = TaskPayload(arn=ARN, containers=[ContainerPayload(name="main", image="i:1", stop_timeout=1)])

pytestmark = pytest.mark.timeout(20)


class StubbornRuntime:
    """Starts leave a container `created`, and fail with `fault` if there is one; stops do nothing."""

    name = "stubborn"

    def __init__(self) -> None:
        self.fault: str | None = None
        self.is_started = True
        self.known: dict[tuple[str, str], ContainerState] = {}
        self.starts = self.stops = 0

    async def open(self, on_change: Callable[[str], None]) -> None: ...

    async def close(self) -> None: ...

    async def containers(self, task_id: str | None = None) -> dict[tuple[str, str], ContainerState]:
        return {place: state for place, state in self.known.items() if task_id in (None, place[0])}

    async def start(self, task: TaskPayload, container: ContainerPayload) -> None:
        self.starts += 1
        status = "running" if self.is_started and self.fault is None else "created"
        state = ContainerState(task_id=task.id, name=container.name, status=status)
        self.known[task.id, container.name] = state
        if self.fault is not None:
            raise RuntimeFault(self.fault)

    async def stop(self, task_id: str, name: str, timeout_seconds: float) -> None:  # noqa: ARG002
        self.stops += 1

    async def usage(self) -> dict[tuple[str, str], Usage]:
        return {}

    async def remove(self, task_id: str) -> None: ...


@pytest.fixture
def runtime() -> StubbornRuntime:
    return StubbornRuntime()


@pytest.fixture
async def engine(runtime: StubbornRuntime, tmp_path: Path) -> AsyncIterator[Engine]:
    ledger = Ledger(tmp_path)
    ledger.load()
    engine = Engine(ledger, runtime, lambda _: None)
    yield engine
    await engine.close()


async def settled(engine: Engine) -> str:
    """Let the task's job come to its end; the task's status then."""
    async with asyncio.timeout(5):
        await engine._jobs[ARN]
    return engine.decide(engine._ledger.records[ARN]).status


async def test_a_failed_start_that_left_a_container_behind_is_final(
    engine: Engine, runtime: StubbornRuntime
) -> None:
    runtime.fault = "CannotStartContainerError: the process did not start"
    engine.accept(ORDER)
    assert await settled(engine) == "STOPPED"
    assert runtime.starts == 1


async def test_a_start_that_changes_nothing_is_not_repeated_before_the_next_look(
    engine: Engine, runtime: StubbornRuntime
) -> None:
    runtime.is_started = False
    engine.accept(ORDER)
    assert await settled(engine) == "PENDING"
    assert runtime.starts == 1
    engine.wake(ARN)
    await settled(engine)
    assert runtime.starts == 2


async def test_a_stop_that_changes_nothing_is_not_repeated_before_the_next_look(
    engine: Engine, runtime: StubbornRuntime
) -> None:
    engine.accept(ORDER)
    assert await settled(engine) == "RUNNING"
    engine.accept(TaskPayload(arn=ARN, desired_status="STOPPED"))
    assert await settled(engine) == "RUNNING"
    assert runtime.stops == 1


async def test_a_task_whose_container_was_made_and_never_ran_can_be_stopped(
    engine: Engine, runtime: StubbornRuntime
) -> None:
    runtime.is_started = False
    engine.accept(ORDER)
    await settled(engine)
    engine.accept(TaskPayload(arn=ARN, desired_status="STOPPED"))
    assert await settled(engine) == "STOPPED"
    assert runtime.stops == 1
