"""Counting failed tasks, launch throttling, the circuit breaker, stopping on request, and rolling back.

Two counts of the PRIMARY deployment. `failed_tasks` is ECS's own: launches in a row that never reached
RUNNING; it slows further launches down. `failures` is what the circuit breaker watches: launches that never
ran, tasks replaced for their health, and tasks that stopped by themselves before they were once healthy
(the last is ours: on AWS a service that crashes at its start is restarted for ever).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tidegate.control.decisions.services import texts
from tidegate.control.decisions.services.deployments import succeeded_by, with_deployment
from tidegate.control.decisions.services.history import StopType
from tidegate.control.decisions.services.window import breaker_threshold, next_start_delay
from tidegate.domain.ecs import Deployment, Service, Task

# Ends that a task itself brought about. Users, schedulers and lost hosts are nobody's failure.
_OWN_ENDS = ("TaskFailedToStart", "EssentialContainerExited")
# Launches that may fail in a row before the next ones have to wait.
_IMMEDIATE_RESTARTS = 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """The service after its stopped tasks were counted, and what to tell."""

    service: Service
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Why:
    """What ended a deployment, and how; `told`: the event."""

    what: str
    detail: str
    told: str


def count_ends(service: Service, stopped: Sequence[Task], now: datetime) -> Verdict:
    """Enter stopped tasks into the PRIMARY deployment's counts."""
    primary = service.primary
    if primary is None:
        return Verdict(service)
    own = [task for task in stopped if task.deployment_id == primary.id and task.stop_code in _OWN_ENDS]
    launches = [task for task in own if task.started_at is None]
    failures = [task for task in own if task.healthy_at is None]
    if not failures:
        return Verdict(service)
    counted = replace(primary, failures=primary.failures + len(failures), updated_at=now)
    if launches:
        counted = _slowed_down(counted, launches, now)
    is_news = counted.start_delay_seconds > 0 and primary.start_delay_seconds == 0
    return Verdict(with_deployment(service, counted), (texts.UNABLE_TO_START,) if is_news else ())


def count_replaced(service: Service, replaced: int, now: datetime) -> Service:
    """Enter tasks of the PRIMARY deployment that are now stopped for their health."""
    primary = service.primary
    if primary is None or not replaced:
        return service
    return with_deployment(service, replace(primary, failures=primary.failures + replaced, updated_at=now))


def forgive(service: Service, running: Sequence[Task]) -> Service:
    """A launch that reached RUNNING after the last failure ends the row of failed ones."""
    primary = service.primary
    if primary is None or not primary.failed_tasks:
        return service
    failed_at = primary.last_failure_at or primary.created_at
    if not any(
        task.deployment_id == primary.id and task.started_at is not None and task.started_at > failed_at
        for task in running
    ):
        return service
    recovered = replace(primary, failed_tasks=0, start_delay_seconds=0, next_start_at=None)
    return with_deployment(service, recovered)


def trip_breaker(service: Service, desired: int, deployment_number: str, now: datetime) -> Verdict:
    """Fail the PRIMARY deployment when its failures reach the threshold, and roll back where asked."""
    primary = service.primary
    breaker = service.deployment_configuration.circuit_breaker
    if primary is None or not breaker.enable or primary.rollout_state != "IN_PROGRESS":
        return Verdict(service)
    if primary.failures < breaker_threshold(desired):
        return Verdict(service)
    why = _Why("circuit breaker", "tasks failed to start", texts.failed(primary.id))
    # A roll-back that fails is not rolled back again: it would go round for ever.
    is_rolled_back = breaker.rollback and primary.rollback_from is None
    return _failed(service, primary, why, deployment_number if is_rolled_back else None, now)


def stop_as_asked(service: Service, asked: StopType | None, deployment_number: str, now: datetime) -> Verdict:
    """Fail the PRIMARY deployment because a user asked for it, and roll back where that was asked."""
    primary = service.primary
    if asked is None or primary is None or primary.rollout_state != "IN_PROGRESS":
        return Verdict(service)
    if service.status != "ACTIVE":
        return Verdict(service)
    # AWS documents no words for it.
    why = _Why("stopped", "a user requested it", texts.failed(primary.id, "a user stopped it"))
    return _failed(service, primary, why, deployment_number if asked == "ROLLBACK" else None, now)


def _failed(
    service: Service, primary: Deployment, why: _Why, deployment_number: str | None, now: datetime
) -> Verdict:
    """The one way in which a deployment fails. `deployment_number`: for its roll-back; None where there is
    to be none. Without a deployment that had completed there is none either."""
    failed = replace(
        primary,
        rollout_state="FAILED",
        rollout_state_reason=f"ECS deployment {why.what}: {why.detail}.",
        updated_at=now,
    )
    service = with_deployment(service, failed)
    target = _rollback_target(service)
    if deployment_number is None or target is None:
        return Verdict(service, (why.told,))
    back = _rollback(target, primary, why, deployment_number, now)
    return Verdict(succeeded_by(service, back), (why.told, texts.rolling_back(target.id)))


def _slowed_down(deployment: Deployment, launches: Sequence[Task], now: datetime) -> Deployment:
    failed_tasks = deployment.failed_tasks + len(launches)
    slowed = replace(deployment, failed_tasks=failed_tasks, last_failure_at=now)
    if failed_tasks <= _IMMEDIATE_RESTARTS:
        return slowed
    # A batch of tasks fails one by one: only what was launched after the last wait calls for a longer one.
    waited_until = deployment.next_start_at
    if waited_until is not None and all(task.created_at < waited_until for task in launches):
        return slowed
    delay = next_start_delay(deployment.start_delay_seconds)
    return replace(slowed, start_delay_seconds=delay, next_start_at=now + timedelta(seconds=delay))


def _rollback(
    target: Deployment, failed: Deployment, why: _Why, deployment_number: str, now: datetime
) -> Deployment:
    return Deployment(
        id=f"ecs-svc/{deployment_number}",
        task_definition_arn=target.task_definition_arn,
        load_balancers=target.load_balancers,
        created_at=now,
        updated_at=now,
        rollout_state_reason=f"ECS deployment {why.what}: rolling back to deploymentId {target.id}.",
        rollback_from=failed.id,
        returns_to=target.revision,
    )


def _rollback_target(service: Service) -> Deployment | None:
    """The newest deployment that had completed."""
    completed = [d for d in service.deployments if d.completed_at is not None]
    return max(completed, key=lambda d: d.created_at, default=service.last_completed)
