"""Counting failed tasks, the circuit breaker, and rolling back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tidegate.control.decisions.services.window import breaker_threshold, start_delay_seconds
from tidegate.control.decisions.tasks import SCHEDULER_INITIATED
from tidegate.domain.ecs import Deployment, Service, Task

UNABLE_TO_START = "is unable to consistently start tasks successfully."


@dataclass(frozen=True, slots=True)
class Verdict:
    """The service after its stopped tasks were counted, and what to tell."""

    service: Service
    events: tuple[str, ...]


def count_failures(service: Service, stopped: Sequence[Task], now: datetime) -> Verdict:
    """Enter stopped tasks into the PRIMARY deployment's counts, and trip the breaker where it must."""
    primary = service.primary
    if primary is None:
        return Verdict(service, ())
    ours = [task for task in stopped if task.deployment_id == primary.id]
    launches = sum(1 for task in ours if _never_ran(task))
    failures = sum(1 for task in ours if _never_ran(task) or _was_never_healthy(task))
    if not failures:
        return Verdict(service, ())
    failed_tasks = primary.failed_tasks + launches
    delay = timedelta(seconds=start_delay_seconds(failed_tasks))
    counted = replace(
        primary,
        failed_tasks=failed_tasks,
        failures=primary.failures + failures,
        next_start_at=now + delay if delay else None,
        updated_at=now,
    )
    events = (UNABLE_TO_START,) if delay and not primary.next_start_at else ()
    return Verdict(with_deployment(service, counted), events)


def trip_breaker(service: Service, desired: int, deployment_number: str, now: datetime) -> Verdict:
    """Fail the PRIMARY deployment when its failures reach the threshold, and roll back where asked."""
    primary = service.primary
    breaker = service.deployment_configuration.circuit_breaker
    if primary is None or not breaker.enable or primary.rollout_state != "IN_PROGRESS":
        return Verdict(service, ())
    if primary.failures < breaker_threshold(desired):
        return Verdict(service, ())
    failed = replace(
        primary,
        rollout_state="FAILED",
        rollout_state_reason="ECS deployment circuit breaker: tasks failed to start.",
        updated_at=now,
    )
    service = with_deployment(service, failed)
    events = [f"(deployment {primary.id}) deployment failed: tasks failed to start."]
    target = _rollback_target(service)
    # A roll-back that fails is not rolled back again: it would go round for ever.
    if not breaker.rollback or target is None or primary.rollback_from is not None:
        return Verdict(service, tuple(events))
    events.append(f"rolling back to deployment {target.id}.")
    back = Deployment(
        id=f"ecs-svc/{deployment_number}",
        task_definition_arn=target.task_definition_arn,
        load_balancers=target.load_balancers,
        created_at=now,
        updated_at=now,
        rollout_state_reason=(f"ECS deployment circuit breaker: rolling back to deploymentId {target.id}."),
        rollback_from=primary.id,
    )
    others = tuple(replace(d, status="ACTIVE") for d in service.deployments)
    service = replace(
        service,
        deployments=(back, *others),
        task_definition_arn=back.task_definition_arn,
        load_balancers=back.load_balancers,
        steady_at=None,
    )
    return Verdict(service, tuple(events))


def with_deployment(service: Service, deployment: Deployment) -> Service:
    """The service with one of its deployments replaced."""
    return replace(
        service, deployments=tuple(deployment if d.id == deployment.id else d for d in service.deployments)
    )


def _rollback_target(service: Service) -> Deployment | None:
    """The newest deployment that had completed."""
    completed = [d for d in service.deployments if d.completed_at is not None]
    return max(completed, key=lambda d: d.created_at, default=service.last_completed)


def _never_ran(task: Task) -> bool:
    # Stopped by the scheduler or by a user before it ran: nobody's failure.
    return task.started_at is None and task.stop_code not in (SCHEDULER_INITIATED, "UserInitiated")


def _was_never_healthy(task: Task) -> bool:
    """It ran, but was replaced for its health, or stopped by itself before it once was healthy."""
    if task.started_at is None or task.healthy_at is not None:
        return False
    is_unhealthy = (task.stopped_reason or "").startswith("Task failed ")
    return is_unhealthy or task.stop_code == "EssentialContainerExited"
