"""Service deployments and service revisions: list, describe, stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ecs.faults import invalid
from tidegate.control.api.ecs.listing import check_count, page_of
from tidegate.control.api.ecs.lookup import find_cluster, find_service, missing
from tidegate.control.api.ecs.service_deployment_view import (
    revision_view,
    service_deployment_brief,
    service_deployment_view,
)
from tidegate.control.api.honoured import honours
from tidegate.control.decisions.services.history import StopType, asked_to_stop
from tidegate.control.service_history import with_present_counts
from tidegate.control.store import Transaction
from tidegate.control.store.tables import SERVICE_DEPLOYMENTS, SERVICE_REVISIONS
from tidegate.domain.arns import parse_arn
from tidegate.domain.ecs import ServiceDeployment
from tidegate.domain.ecs.lifecycle import ServiceDeploymentStatus
from tidegate.wire import Call, Fault, Operation

_DESCRIBED_MAX = 20
_LISTED = 20
_STOP_TYPES: Mapping[str, StopType] = {"ABORT": "ABORT", "ROLLBACK": "ROLLBACK"}


@honours("service", "cluster", "status", "createdAt", "nextToken", "maxResults")
async def list_service_deployments(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """A service's deployments, the newest first."""
    parameters, snapshot = call.parameters, context.store.snapshot
    cluster = find_cluster(context, snapshot, parameters.get("cluster"))
    service = find_service(context, snapshot, cluster, parameters["service"])
    is_wanted = _filter(parameters)
    rows = [row for row in snapshot.by(SERVICE_DEPLOYMENTS, "service", service.arn) if is_wanted(row)]
    page = page_of(rows, parameters, key=_order, size=_LISTED, descending=True)
    return {
        "serviceDeployments": [service_deployment_brief(row) for row in page.rows],
        "nextToken": page.next_token,
    }


def _filter(parameters: Mapping[str, Any]) -> Callable[[ServiceDeployment], bool]:
    """Whether a deployment is among those asked for."""
    statuses: Sequence[str] = parameters.get("status") or list(ServiceDeploymentStatus)
    for status in statuses:
        if status not in list(ServiceDeploymentStatus):
            raise invalid(f"status should be one of [{','.join(ServiceDeploymentStatus)}]")
    times = parameters.get("createdAt") or {}
    after: datetime | None = times.get("after")
    before: datetime | None = times.get("before")
    if after is not None and before is not None and after > before:
        raise invalid("createdAt: after must not be later than before.")

    def is_wanted(row: ServiceDeployment) -> bool:
        is_late = after is None or row.created_at > after
        is_early = before is None or row.created_at < before
        return row.status in statuses and is_late and is_early

    return is_wanted


def _order(row: ServiceDeployment) -> str:
    return f"{row.created_at.timestamp():020.6f} {row.arn}"


@honours("serviceDeploymentArns")
async def describe_service_deployments(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Service deployments by ARN; of those that have not ended, with their tasks of now."""
    snapshot = context.store.snapshot
    arns = _arns(call.parameters["serviceDeploymentArns"], "service-deployment", "Service deployments")
    rows = {arn: snapshot.get(SERVICE_DEPLOYMENTS, arn) for arn in arns}
    return {
        "serviceDeployments": [
            service_deployment_view(with_present_counts(snapshot, row))
            for row in rows.values()
            if row is not None
        ],
        "failures": [missing(arn) for arn, row in rows.items() if row is None],
    }


@honours("serviceRevisionArns")
async def describe_service_revisions(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Service revisions by ARN."""
    snapshot = context.store.snapshot
    arns = _arns(call.parameters["serviceRevisionArns"], "service-revision", "Service revisions")
    rows = {arn: snapshot.get(SERVICE_REVISIONS, arn) for arn in arns}
    return {
        "serviceRevisions": [revision_view(row) for row in rows.values() if row is not None],
        "failures": [missing(arn) for arn, row in rows.items() if row is None],
    }


@honours("serviceDeploymentArn", "stopType")
async def stop_service_deployment(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Ask that a deployment be rolled back (the default) or aborted; the services controller does it."""
    parameters = call.parameters
    (arn,) = _arns([parameters["serviceDeploymentArn"]], "service-deployment", "Service deployments")
    stop_type = _STOP_TYPES.get(parameters.get("stopType") or "ROLLBACK")
    if stop_type is None:
        raise invalid(f"stopType should be one of [{','.join(_STOP_TYPES)}]")

    def stop(tx: Transaction) -> None:
        row = tx.get(SERVICE_DEPLOYMENTS, arn)
        if row is None:
            raise Fault("ServiceDeploymentNotFoundException", "The service deployment does not exist.")
        asked = asked_to_stop(row, stop_type, context.clock.now())
        if asked is None:
            raise Fault(
                "ConflictException",
                "Stopping a service deployment is not allowed for service deployment in terminal states.",
            )
        tx.put(SERVICE_DEPLOYMENTS, asked)

    await context.store.transact(stop)
    return {"serviceDeploymentArn": arn}


def _arns(named: Sequence[str], kind: str, what: str) -> Sequence[str]:
    """The ARNs that a request names, once each; raises for what is no ARN of that kind."""
    check_count(what, named, _DESCRIBED_MAX)
    for arn in named:
        parsed = parse_arn(arn)
        path = parsed.resource.split("/") if parsed else []
        if len(path) != 4 or path[0] != kind or not all(path):
            raise invalid(f"Invalid identifier: {arn} is not the ARN of a {kind}.")
    return list(dict.fromkeys(named))


OPERATIONS: Mapping[str, Operation] = {
    "ListServiceDeployments": Operation(list_service_deployments),
    "DescribeServiceDeployments": Operation(describe_service_deployments),
    "DescribeServiceRevisions": Operation(describe_service_revisions),
    "StopServiceDeployment": Operation(stop_service_deployment),
}
