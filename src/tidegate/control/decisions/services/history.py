"""A service's history: what each service deployment has come to.

A service deployment is the record of one attempt, and of the roll-back that may end it. It decides nothing
of its own: `followed` looks at the service as the last plan left it, and moves the record along ECS's table,
as many steps as the service has gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from tidegate.control.decisions.services.window import breaker_threshold
from tidegate.domain.ecs import Deployment, RevisionCounts, Rollback, Service, ServiceDeployment, Task
from tidegate.domain.ecs.lifecycle import ServiceDeploymentStatus as Status
from tidegate.domain.ecs.lifecycle import advance_deployment
from tidegate.domain.ecs.service_deployment import revision_arn

StopType = Literal["ABORT", "ROLLBACK"]
Counts = Callable[[], Mapping[str, RevisionCounts]]

# The first two are AWS's; it documents no others.
BREAKER_ROLLED_BACK = "Service deployment rolled back because the circuit breaker threshold was exceeded."
NO_CANDIDATE = "No rollback candidate was found to run the rollback."
USER_ROLLED_BACK = "Service deployment rolled back because a user requested it."
ROLLBACK_TRIPPED = (
    "Service deployment rollback failed because the circuit breaker threshold was exceeded again."
)
BREAKER_STOPPED = "Service deployment stopped because the circuit breaker threshold was exceeded."
USER_STOPPED = "Service deployment stopped because a user requested it."
SUPERSEDED = "Service deployment stopped because a new service deployment was started."
DELETED = "Service deployment stopped because the service was deleted."

RUNNING = ("RUNNING",)
PENDING = ("PROVISIONING", "PENDING", "ACTIVATING")


@dataclass(frozen=True, slots=True)
class _Move:
    """The next status, and the reason where it changes."""

    status: Status
    reason: str | None = None
    has_tripped: bool = False


def begun(
    service: Service, opened: Iterable[ServiceDeployment], arn: str, now: datetime
) -> tuple[ServiceDeployment, ...]:
    """The record of the service's PRIMARY deployment, and those that it ends. `opened`: that have not ended;
    one that is rolling back is left to `followed`."""
    primary = service.primary
    if primary is None:
        return ()
    stopped = [
        _moved(record, _Move(Status.STOP_REQUESTED, SUPERSEDED), now)
        for record in opened
        if record.status in (Status.PENDING, Status.IN_PROGRESS)
    ]
    former = dict.fromkeys(revision_arn(service, d) for d in service.deployments if d is not primary)
    new = ServiceDeployment(
        arn=arn,
        service_arn=service.arn,
        cluster_arn=service.cluster_arn,
        deployment_id=primary.id,
        target=RevisionCounts(revision_arn=revision_arn(service, primary)),
        sources=tuple(RevisionCounts(revision_arn=revision) for revision in former),
        configuration=service.deployment_configuration,
        created_at=primary.created_at,
        updated_at=now,
    )
    return (*stopped, new)


def asked_to_stop(record: ServiceDeployment, stop_type: StopType, now: datetime) -> ServiceDeployment | None:
    """The record once a user has asked to stop it; None when it has ended. What stops or rolls back already
    goes on doing so."""
    if not record.is_open:
        return None
    if record.status not in (Status.PENDING, Status.IN_PROGRESS):
        return record
    if stop_type == "ABORT":
        return _moved(record, _Move(Status.STOP_REQUESTED, USER_STOPPED), now)
    return _moved(record, _Move(Status.ROLLBACK_REQUESTED, USER_ROLLED_BACK), now)


def asked_stop(record: ServiceDeployment | None) -> StopType | None:
    """What a user has asked for and the plan has to do. `record`: of the PRIMARY deployment."""
    if record is not None and record.status == Status.ROLLBACK_REQUESTED:
        return "ROLLBACK"
    return "ABORT" if record is not None and record.status == Status.STOP_REQUESTED else None


def followed(record: ServiceDeployment, service: Service, counts: Counts, now: datetime) -> ServiceDeployment:
    """The record after the plan of `service`; one that has ended stays. `counts`: by the revision's ARN,
    asked only for one that ends now."""
    if not record.is_open:
        return record
    present = _watched(record, service)
    while (move := _next(present, service)) is not None:
        present = _moved(present, move, now, _roll_back_of(present, service))
    if present.is_open:
        return present if present == record else replace(present, updated_at=now)
    return _ended(present, _find(service, record.deployment_id), counts(), now)


def revision_counts(service: Service, tasks: Sequence[Task]) -> dict[str, RevisionCounts]:
    """The live tasks of each revision of a service, by its ARN. The PRIMARY deployment's revision wants the
    desired count; an older one wants what it still keeps."""
    revisions = {d.id: revision_arn(service, d) for d in service.deployments}
    wanted = revisions[service.primary.id] if service.primary else None
    counts: dict[str, RevisionCounts] = {}
    # A roll-back's own tasks and those that were never replaced are of one revision.
    for arn in dict.fromkeys(revisions.values()):
        ours = [task for task in tasks if revisions.get(task.deployment_id or "") == arn]
        kept = sum(1 for task in ours if task.desired_status == "RUNNING")
        counts[arn] = RevisionCounts(
            revision_arn=arn,
            requested=service.desired_count if arn == wanted else kept,
            running=sum(1 for task in ours if task.last_status in RUNNING),
            pending=sum(1 for task in ours if task.last_status in PENDING),
        )
    return counts


def counted(record: ServiceDeployment, counts: Mapping[str, RevisionCounts]) -> ServiceDeployment:
    """The record with these counts of its revisions; one that the service no longer has keeps its own."""
    return replace(
        record,
        target=counts.get(record.target.revision_arn, record.target),
        sources=tuple(counts.get(source.revision_arn, source) for source in record.sources),
    )


def _ended(
    present: ServiceDeployment,
    own: Deployment | None,
    counts: Mapping[str, RevisionCounts],
    now: datetime,
) -> ServiceDeployment:
    """A record that ends, with what is kept of that. Deployments of older databases have ended before they
    were recorded."""
    finished_at = own.completed_at or now if own and present.status == Status.SUCCESSFUL else now
    return replace(
        counted(present, counts),
        started_at=min(present.started_at, finished_at) if present.started_at else None,
        finished_at=finished_at,
        updated_at=now,
    )


def _watched(record: ServiceDeployment, service: Service) -> ServiceDeployment:
    """The record with what the circuit breaker counts by now."""
    configuration = service.deployment_configuration
    own = _find(service, record.deployment_id)
    watching = "MONITORING" if configuration.circuit_breaker.enable else "DISABLED"
    return replace(
        record,
        configuration=configuration,
        failures=own.failures if own else record.failures,
        threshold=breaker_threshold(service.desired_count),
        breaker_status=record.breaker_status if record.breaker_status == "TRIGGERED" else watching,
    )


def _next(record: ServiceDeployment, service: Service) -> _Move | None:
    """The next step of a record that the service has gone already; None when there is none."""
    own, back = _find(service, record.deployment_id), _roll_back_of(record, service)
    left = _why_left(service, own, back)
    match Status(record.status):
        case Status.PENDING:
            return _Move(Status.STOP_REQUESTED, left) if left else _Move(Status.IN_PROGRESS)
        case Status.IN_PROGRESS:
            return _next_in_progress(record, own, back, left)
        case Status.STOP_REQUESTED:
            return (
                _Move(Status.STOPPED) if left or own is None or own.rollout_state != "IN_PROGRESS" else None
            )
        case Status.ROLLBACK_REQUESTED:
            return _next_to_roll_back(own, back, left)
        case Status.ROLLBACK_IN_PROGRESS:
            return _next_rolling_back(record, back, left)
    return None


def _next_in_progress(
    record: ServiceDeployment, own: Deployment | None, back: Deployment | None, left: str | None
) -> _Move | None:
    if own is not None and own.rollout_state == "COMPLETED":
        return _Move(Status.SUCCESSFUL)
    if left:
        return _Move(Status.STOP_REQUESTED, left)
    if back is not None:
        return _Move(Status.ROLLBACK_IN_PROGRESS, BREAKER_ROLLED_BACK, has_tripped=True)
    if own is None or own.rollout_state != "FAILED":
        return None
    if record.configuration.circuit_breaker.rollback:
        # Older databases have roll-backs without a record of what they roll back.
        reason = NO_CANDIDATE if own.rollback_from is None else ROLLBACK_TRIPPED
        return _Move(Status.ROLLBACK_IN_PROGRESS, reason, has_tripped=True)
    return _Move(Status.STOP_REQUESTED, BREAKER_STOPPED, has_tripped=True)


def _next_to_roll_back(own: Deployment | None, back: Deployment | None, left: str | None) -> _Move | None:
    if left:
        return _Move(Status.STOPPED, left)
    if back is not None or own is None or own.rollout_state == "FAILED":
        return _Move(Status.ROLLBACK_IN_PROGRESS)
    # It had completed when it was asked for: the plan rolls back nothing.
    return _Move(Status.STOPPED) if own.rollout_state == "COMPLETED" else None


def _next_rolling_back(record: ServiceDeployment, back: Deployment | None, left: str | None) -> _Move | None:
    if back is not None and back.rollout_state == "COMPLETED":
        return _Move(Status.ROLLBACK_SUCCESSFUL)
    if left:
        return _Move(Status.ROLLBACK_FAILED, left)
    if back is None:
        has_reason = record.status_reason == ROLLBACK_TRIPPED
        return _Move(Status.ROLLBACK_FAILED, None if has_reason else NO_CANDIDATE)
    if back.rollout_state == "FAILED":
        return _Move(Status.ROLLBACK_FAILED, ROLLBACK_TRIPPED, has_tripped=True)
    return None


def _why_left(service: Service, own: Deployment | None, back: Deployment | None) -> str | None:
    """Why the service no longer heads for what the record says; None while it does."""
    if service.status != "ACTIVE":
        return DELETED
    return None if service.primary is not None and service.primary in (own, back) else SUPERSEDED


def _moved(
    record: ServiceDeployment, move: _Move, now: datetime, back: Deployment | None = None
) -> ServiceDeployment:
    """The record one step further, with the times of that step."""
    status = advance_deployment(record.status, move.status)
    record = replace(
        record,
        status=status,
        status_reason=move.reason or record.status_reason,
        updated_at=now,
        breaker_status="TRIGGERED" if move.has_tripped else record.breaker_status,
    )
    if status is Status.IN_PROGRESS:
        return replace(record, started_at=now)
    if status is Status.STOPPED:
        record = replace(record, stopped_at=now)
    if status is Status.ROLLBACK_IN_PROGRESS:
        record = replace(record, rollback=_rollback(record, back, now))
    if not record.is_open and record.breaker_status == "MONITORING":
        record = replace(record, breaker_status="MONITORING_COMPLETE")
    return record


def _rollback(record: ServiceDeployment, back: Deployment | None, now: datetime) -> Rollback:
    revision = record.target.revision_arn.rsplit("/", 1)[0] + f"/{back.revision}" if back else None
    return Rollback(reason=record.status_reason or "", started_at=now, revision_arn=revision)


def _find(service: Service, deployment_id: str) -> Deployment | None:
    return next((d for d in service.deployments if d.id == deployment_id), None)


def _roll_back_of(record: ServiceDeployment, service: Service) -> Deployment | None:
    return next((d for d in service.deployments if d.rollback_from == record.deployment_id), None)
