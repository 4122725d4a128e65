"""Control's store, controllers and driver on a clock that stands still: for tests of the controllers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tidegate.control.controllers import ControlContext, Driver
from tidegate.control.controllers.region import controllers
from tidegate.control.decisions.task_reports import TaskReport, reported_task
from tidegate.control.settings import RegionSettings
from tidegate.control.store import Change, MemoryDatabase, Store, Table, Transaction
from tidegate.control.store.tables import (
    ALL,
    CONTAINER_INSTANCES,
    INSTANCES,
    SERVICE_EVENTS,
    SERVICES,
    TARGET_GROUPS,
    TARGET_HEALTH,
    TARGETS,
    TASK_DEFINITIONS,
    TASKS,
)
from tidegate.domain.ecs import Service, Task
from tidegate.domain.elbv2 import Target
from tidegate.testing.builders import a_container_instance, a_definition, a_group, an_instance, health_of
from tidegate.testing.clock import FakeClock
from tidegate.testing.ids import SeededIds


class ControlHarness:
    """A region of two instances in two zones, a target group, and three revisions of `web`."""

    def __init__(
        self, database: MemoryDatabase | None = None, *, host_lost_after_seconds: float = 60, **context: Any
    ) -> None:
        """`context`: more of what the controllers are given."""
        self.clock = FakeClock()
        self._ids = SeededIds(1)
        self._host_lost_after = timedelta(seconds=host_lost_after_seconds)
        self._database = database or MemoryDatabase()
        self._more = context
        self.commits: list[list[Change]] = []
        self.restart()

    def restart(self) -> None:
        """A new control over what was kept."""
        self.store = Store(self._database, ALL)
        self.store.load()
        self.store.subscribe(lambda changes: self.commits.append(list(changes)))
        self.context = ControlContext(
            store=self.store,
            clock=self.clock,
            ids=self._ids,
            settings=RegionSettings(
                region="us-east-1", account="000000000000", network="127.80", endpoint="127.0.0.1:4566"
            ),
            host_lost_after=self._host_lost_after,
            started_at=self.clock.now(),
            **self._more,
        )
        self.driver = Driver(self.store, controllers(self.context), self.clock)

    async def found(self, service: Service, *, vpc_id: str | None = None, **group: Any) -> None:
        """Put the region in place, and the service with it."""

        def action(tx: Transaction) -> None:
            for number, zone in ((1, "us-east-1a"), (2, "us-east-1b")):
                more = {"vpc_id": vpc_id} if vpc_id else {}
                tx.put(INSTANCES, an_instance(number, zone=zone, **more))
                tx.put(CONTAINER_INSTANCES, a_container_instance(number, zone=zone))
            for revision in (1, 2, 3):
                tx.put(TASK_DEFINITIONS, a_definition(revision))
            tx.put(TARGET_GROUPS, a_group(**group))
            tx.put(SERVICES, service)

        await self.write(action)

    async def write(self, action: Callable[[Transaction], None]) -> None:
        await self.store.transact(action)
        await self.driver.settle()

    async def put(self, table: Table[Any], row: Any) -> None:
        await self.write(lambda tx: tx.put(table, row))

    async def after(self, seconds: float) -> None:
        """Let time pass, and everything that is due meanwhile happen, second by second."""
        for _ in range(max(1, round(seconds))):
            self.clock.advance(seconds / max(1, round(seconds)))
            await self.driver.settle()

    async def report(self, task: Task, status: str) -> None:
        """The agent reports on a task."""
        present = self.store.snapshot.get(TASKS, task.arn)
        assert present is not None
        await self.put(TASKS, reported_task(present, TaskReport(status=status), self.clock.now()))

    async def obey(self) -> None:
        """Agents do what they are told: pending tasks run, stopping ones stop."""
        for task in self.tasks():
            if task.last_status == "PENDING":
                await self.report(task, "RUNNING")
            elif task.last_status == "STOPPING":
                await self.report(task, "STOPPED")

    async def probe(self, state: str = "healthy") -> None:
        """The balancer reports on every target; those that drain are drained at their deadline."""
        for target in self.targets():
            row = health_of(target, state if target.status == "active" else "draining")
            deadline = target.drain_deadline
            is_drained = deadline is not None and deadline <= self.clock.now()
            await self.put(TARGET_HEALTH, replace(row, is_drained=is_drained))

    async def until_steady(self, service: Service, seconds: int = 120) -> None:
        """Everything works as it should for so long."""
        for _ in range(seconds):
            await self.obey()
            await self.probe()
            await self.after(1)
            row = self.service(service)
            if row.steady_at is not None and all(t.last_status == "RUNNING" for t in self.tasks()):
                return
        raise AssertionError(f"not steady: {self.events(service)}")

    def service(self, service: Service) -> Service:
        row = self.store.snapshot.get(SERVICES, service.arn)
        assert row is not None
        return row

    def tasks(self) -> list[Task]:
        """The live tasks."""
        return sorted(self.store.snapshot.by(TASKS, "live", "live"), key=lambda task: task.arn)

    def targets(self) -> list[Target]:
        return sorted(self.store.snapshot.all(TARGETS), key=lambda target: target.key)

    def events(self, service: Service) -> list[str]:
        """The service's events, oldest first, without their prefix."""
        rows = sorted(
            self.store.snapshot.by(SERVICE_EVENTS, "service", service.arn), key=lambda e: e.sequence
        )
        return [row.message.removeprefix(f"(service {service.name}) ") for row in rows]
