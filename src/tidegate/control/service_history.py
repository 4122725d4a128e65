"""The rows of services' histories, as the API and the services controller write them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tidegate.control.decisions.services import history
from tidegate.control.store import Snapshot, Table, Transaction
from tidegate.control.store.tables import (
    SERVICE_DEPLOYMENTS,
    SERVICE_REVISIONS,
    SERVICES,
    TASK_DEFINITIONS,
    TASKS,
)
from tidegate.domain.ecs import (
    ContainerImage,
    Deployment,
    Service,
    ServiceDeployment,
    ServiceRevision,
    Task,
)
from tidegate.domain.ecs.service_deployment import arn_within, revision_arn
from tidegate.domain.ids import Ids

State = Snapshot | Transaction

# As AWS prints them: 21 characters.
_ID_LENGTH = 21


def record_deployment(tx: Transaction, service: Service, ids: Ids, now: datetime) -> None:
    """Enter the PRIMARY deployment into the history, unless it is there, and the revisions that the service
    has. What an older version had deployed is entered when this one first looks at it."""
    for deployment in _deployments(service):
        arn = revision_arn(service, deployment)
        if tx.get(SERVICE_REVISIONS, arn) is None:
            tx.put(SERVICE_REVISIONS, _revision(tx, service, deployment, arn))
    if service.primary is None or current_deployment(tx, service) is not None:
        return
    arn = arn_within(service.arn, "service-deployment", ids.hex(_ID_LENGTH))
    for record in history.begun(service, list(tx.by(SERVICE_DEPLOYMENTS, "open", service.arn)), arn, now):
        tx.put(SERVICE_DEPLOYMENTS, record)


def follow_deployments(tx: Transaction, service: Service, now: datetime) -> None:
    """Move the records that have not ended to where the service has come."""
    for record in list(tx.by(SERVICE_DEPLOYMENTS, "open", service.arn)):
        followed = history.followed(
            record, service, lambda: history.revision_counts(service, live_tasks(tx, service)), now
        )
        tx.put(SERVICE_DEPLOYMENTS, followed)


def history_rows(state: State, service_arn: str) -> Iterator[tuple[Table[Any], str]]:
    """What a service's history consists of, by table and key."""
    for record in state.by(SERVICE_DEPLOYMENTS, "service", service_arn):
        yield SERVICE_DEPLOYMENTS, record.arn
    for revision in state.by(SERVICE_REVISIONS, "service", service_arn):
        yield SERVICE_REVISIONS, revision.arn


def forget_history(tx: Transaction, service_arn: str) -> None:
    """Delete the history of a service that is no longer described."""
    for table, key in list(history_rows(tx, service_arn)):
        tx.delete(table, key)


def current_deployment(state: State, service: Service) -> ServiceDeployment | None:
    """The record of what the service heads for: a roll-back belongs to that of what it rolls back."""
    primary = service.primary
    for deployment_id in (primary.id, primary.rollback_from) if primary else ():
        for record in state.by(SERVICE_DEPLOYMENTS, "deployment", deployment_id or ""):
            if record.service_arn == service.arn:
                return record
    return None


def with_present_counts(state: State, record: ServiceDeployment) -> ServiceDeployment:
    """The record with the tasks of its revisions as they are now, as long as it has not ended."""
    service = state.get(SERVICES, record.service_arn) if record.is_open else None
    if service is None:
        return record
    return history.counted(record, history.revision_counts(service, live_tasks(state, service)))


def used_revisions(state: State, service_arn: str) -> list[str]:
    """ARNs of the revisions that a service has or may return to."""
    service = state.get(SERVICES, service_arn)
    return [revision_arn(service, deployment) for deployment in _deployments(service)] if service else []


def live_tasks(state: State, service: Service) -> list[Task]:
    """The tasks of a service that have not stopped."""
    return [task for task in state.by(TASKS, "service", service.arn) if task.last_status != "STOPPED"]


def _deployments(service: Service) -> tuple[Deployment, ...]:
    """Those of a service, and the one that a roll-back returns to."""
    last = service.last_completed
    return (*service.deployments, last) if last else service.deployments


def _revision(tx: Transaction, service: Service, deployment: Deployment, arn: str) -> ServiceRevision:
    definition = tx.get(TASK_DEFINITIONS, deployment.task_definition_arn)
    return ServiceRevision(
        arn=arn,
        service_arn=service.arn,
        cluster_arn=service.cluster_arn,
        task_definition_arn=deployment.task_definition_arn,
        load_balancers=deployment.load_balancers,
        container_images=tuple(
            ContainerImage(container_name=one.name, image=one.image)
            for one in (definition.containers if definition else ())
        ),
        launch_type=service.launch_type,
        created_at=deployment.created_at,
    )
