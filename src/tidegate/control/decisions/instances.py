"""Container instances: lost hosts, terminated instances, and what deregistered ones leave behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tidegate.control.decisions.tasks import USER_INITIATED, finish_task
from tidegate.domain.ec2 import Instance
from tidegate.domain.ecs import ContainerInstance, Task

TERMINATED = "TerminationNotice"
FORGOTTEN = "The agent of the container instance has lost its data."
DEREGISTERED = "Container instance deregistration forced by user"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceSnapshot:
    """A container instance (None once it is deregistered), its EC2 instance where there is one, and its
    live tasks."""

    container_instance: ContainerInstance | None
    instance: Instance | None
    tasks: Sequence[Task]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstancePlan:
    """`is_gone`: the container instance is to be removed; `reason` says why. `tasks`: as they end."""

    is_gone: bool = False
    reason: str = ""
    instance: Instance | None = None
    tasks: tuple[Task, ...] = ()
    next_look: datetime | None = None


def plan(
    snapshot: InstanceSnapshot, *, host_lost_after: timedelta, control_started_at: datetime, now: datetime
) -> InstancePlan:
    """What becomes of an instance.

    A host is lost when its agent has been silent for `host_lost_after`. The time before control's own
    start does not count: agents need a moment to find a control that was away.
    """
    row, instance = snapshot.container_instance, snapshot.instance
    if row is None or row.status == "INACTIVE":
        tasks = tuple(
            finish_task(task, now=now, code=USER_INITIATED, reason=DEREGISTERED) for task in snapshot.tasks
        )
        return InstancePlan(tasks=tasks, reason="it was deregistered" if tasks else "")
    if instance is not None and instance.state in ("shutting-down", "terminated"):
        return _gone(row, snapshot, "the EC2 instance was terminated", now)
    if row.agent_connected:
        return InstancePlan()
    silent_since = max(row.disconnected_at or row.registered_at, control_started_at)
    lost_at = silent_since + host_lost_after
    if now < lost_at:
        return InstancePlan(next_look=lost_at)
    return _gone(row, snapshot, f"its agent was silent for {host_lost_after.total_seconds():g} s", now)


def forgotten(tasks: Sequence[Task], now: datetime) -> tuple[Task, ...]:
    """The tasks of an instance whose agent does not know it any more, as they end: its data directory is
    gone, and with it whatever it knew of them. Their services replace them."""
    return tuple(finish_task(task, now=now, code=TERMINATED, reason=FORGOTTEN) for task in tasks)


def _gone(row: ContainerInstance, snapshot: InstanceSnapshot, reason: str, now: datetime) -> InstancePlan:
    instance = snapshot.instance
    name = instance.id if instance else row.ec2_instance_id or row.arn.rsplit("/", 1)[-1]
    text = f"Host EC2 (instance {name}) terminated."
    tasks = tuple(finish_task(task, now=now, code=TERMINATED, reason=text) for task in snapshot.tasks)
    if instance is not None and instance.state != "terminated":
        instance = replace(
            instance, state="terminated", terminated_at=now, state_reason=instance.state_reason or reason
        )
    return InstancePlan(is_gone=True, reason=reason, instance=instance, tasks=tasks)
