"""Fake agents: one per instance, with containers that start, serve, crash and stop on their own time."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from tidegate.control.decisions.task_health import with_health
from tidegate.control.decisions.task_reports import ContainerReport, TaskReport, reported_task
from tidegate.control.store import Transaction
from tidegate.control.store.tables import CONTAINER_INSTANCES, TASKS
from tidegate.domain.ecs import NetworkBinding, Task

# A health check fails a few times in a row before it counts.
_UNHEALTHY_AFTER = timedelta(seconds=6)


class Quality(StrEnum):
    """What an image is good for; a task definition's family of labels says which one it has."""

    GOOD = "good"
    NEVER_STARTS = "never-starts"
    CRASHES = "crashes"
    NEVER_HEALTHY = "never-healthy"


@dataclass(slots=True)
class Run:
    """One task on a node: what a container engine would know of it."""

    task_arn: str
    service_arn: str | None
    port: int
    quality: Quality
    runs_at: datetime
    ready_at: datetime
    crashes_at: datetime | None
    status: str = "PENDING"
    stops_at: datetime | None = None

    def health(self, now: datetime) -> str:
        """What a health check of its container has found so far."""
        if self.quality is Quality.NEVER_HEALTHY:
            return "UNHEALTHY" if now >= self.runs_at + _UNHEALTHY_AFTER else "UNKNOWN"
        return "HEALTHY" if now >= self.ready_at else "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Report:
    task_arn: str
    status: str
    at: datetime


@dataclass(slots=True)
class Agent:
    """A node with its agent. `is_alive` False: the host is gone with everything on it."""

    instance_arn: str
    ec2_id: str
    zone: str
    chance: random.Random
    is_alive: bool = True
    is_connected: bool = True
    reconnects_at: datetime | None = None
    runs: dict[str, Run] = field(default_factory=dict)
    outbox: list[Report] = field(default_factory=list)
    starts: dict[str, int] = field(default_factory=dict)

    def listening(self, port: int) -> Run | None:
        """The container that answers on a port, or None."""
        return next((run for run in self.runs.values() if run.port == port and run.status == "RUNNING"), None)

    def hear(self, tasks: Iterable[Task], qualities: Mapping[str, Quality], now: datetime) -> None:
        """Take what control assigns; what is heard twice changes nothing, what is missed is heard later."""
        for task in sorted(tasks, key=lambda t: t.arn):
            if self.chance.random() < 0.15:
                continue
            if task.last_status == "PENDING" and task.arn not in self.runs:
                self._start(task, qualities[task.task_definition_arn], now)
            elif task.last_status == "STOPPING":
                self._stop(task, now)

    def work(self, now: datetime) -> None:
        """Let containers start, crash and stop."""
        for run in self.runs.values():
            if run.status == "PENDING" and now >= run.runs_at:
                if run.quality is Quality.NEVER_STARTS:
                    self._end(run, now)
                else:
                    run.status = "RUNNING"
                    self.outbox.append(Report(run.task_arn, "RUNNING", now))
            if run.status == "RUNNING" and run.crashes_at is not None and now >= run.crashes_at:
                self._end(run, now)
            if run.status != "STOPPED" and run.stops_at is not None and now >= run.stops_at:
                self._end(run, now)

    def kill_one(self, now: datetime) -> None:
        """SIGKILL of a container behind everyone's back."""
        running = sorted(run.task_arn for run in self.runs.values() if run.status == "RUNNING")
        if running:
            self._end(self.runs[self.chance.choice(running)], now)

    def die(self) -> None:
        """The host is gone: containers, agent and what it had not said yet."""
        self.is_alive = self.is_connected = False
        self.runs.clear()
        self.outbox.clear()

    def disconnect(self, until: datetime) -> None:
        """The agent's connection is lost; containers go on."""
        self.is_connected, self.reconnects_at = False, until

    def reconnect_if_due(self, now: datetime) -> None:
        if self.is_alive and self.reconnects_at is not None and now >= self.reconnects_at:
            self.is_connected, self.reconnects_at = True, None

    def mail(self) -> list[Report]:
        """Reports as the network delivers them: some late, some twice, in any order. What is not
        delivered stays in the outbox, as in an agent's ledger."""
        delivered = [report for report in self.outbox if self.chance.random() < 0.85]
        repeated = [report for report in delivered if self.chance.random() < 0.1]
        arriving = delivered + repeated
        self.chance.shuffle(arriving)
        return arriving

    def healths(self, now: datetime) -> dict[str, str]:
        """The health of its containers by task, as telemetry publishes it; some messages are lost."""
        running = {arn: run for arn, run in self.runs.items() if run.status == "RUNNING"}
        return {arn: run.health(now) for arn, run in running.items() if self.chance.random() < 0.8}

    def acknowledged(self, report: Report) -> None:
        if report in self.outbox:
            self.outbox.remove(report)

    def _start(self, task: Task, quality: Quality, now: datetime) -> None:
        runs_at = now + timedelta(seconds=self.chance.uniform(0.2, 4))
        ready_at = runs_at + timedelta(seconds=self.chance.uniform(0.2, 6))
        crashes_at = runs_at + timedelta(seconds=self.chance.uniform(0, 5))
        self.starts[task.arn] = self.starts.get(task.arn, 0) + 1
        self.runs[task.arn] = Run(
            task_arn=task.arn,
            service_arn=task.service_arn,
            port=task.ports[0].host_port if task.ports else 0,
            quality=quality,
            runs_at=runs_at,
            ready_at=ready_at,
            crashes_at=crashes_at if quality is Quality.CRASHES else None,
        )

    def _stop(self, task: Task, now: datetime) -> None:
        run = self.runs.get(task.arn)
        if run is None or run.status == "STOPPED":
            report = Report(task.arn, "STOPPED", now)
            if report.task_arn not in {waiting.task_arn for waiting in self.outbox}:
                self.outbox.append(report)
        elif run.stops_at is None:
            run.stops_at = now + timedelta(seconds=self.chance.uniform(0, 3))

    def _end(self, run: Run, now: datetime) -> None:
        run.status = "STOPPED"
        self.outbox.append(Report(run.task_arn, "STOPPED", now))


def observe_health(tx: Transaction, healths: Mapping[str, str], checked: Collection[str]) -> None:
    """Enter healths as telemetry does, of the tasks of the `checked` definitions."""
    for arn, health in healths.items():
        task = tx.get(TASKS, arn)
        if task is not None and task.task_definition_arn in checked:
            tx.put(TASKS, with_health(task, {container.name: health for container in task.containers}))


def observe(tx: Transaction, report: Report, now: datetime) -> None:
    """Enter a report as the API does for agents."""
    task = tx.get(TASKS, report.task_arn)
    if task is None:
        return
    instance = tx.get(CONTAINER_INSTANCES, task.container_instance_arn)
    address = instance.address if instance and instance.address else "127.0.0.1"
    bindings = tuple(
        NetworkBinding(bind_ip=address, container_port=p.container_port, host_port=p.host_port)
        for p in task.ports
    )
    containers = [
        ContainerReport(
            name=container.name,
            status=report.status,
            exit_code=137 if report.status == "STOPPED" else None,
            network_bindings=bindings if report.status == "RUNNING" else (),
        )
        for container in task.containers
    ]
    tx.put(TASKS, reported_task(task, TaskReport(status=report.status, containers=containers), now))
