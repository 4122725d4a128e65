"""Finding what a request names, by name or by ARN; and the faults when it is not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.paging import InvalidTokenError, paginate
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import (
    CLUSTERS,
    CONTAINER_INSTANCES,
    SERVICES,
    TASK_DEFINITIONS,
    TASKS,
)
from tidegate.domain.arns import arn_name
from tidegate.domain.ecs import Cluster, ContainerInstance, Service, Task, TaskDefinition
from tidegate.wire import Fault

State = Snapshot | Transaction


def cluster_arn(context: ApiContext, named: str | None) -> str:
    """The ARN of a cluster by name or ARN; `default` when none is named."""
    name = named or "default"
    return name if name.startswith("arn:") else context.arns.cluster(name)


def find_cluster(context: ApiContext, state: State, named: str | None) -> Cluster:
    """An ACTIVE cluster; raises ClusterNotFoundException."""
    row = state.get(CLUSTERS, cluster_arn(context, named))
    if row is None or row.status != "ACTIVE":
        raise Fault("ClusterNotFoundException", "Cluster not found.")
    return row


def service_arn(context: ApiContext, cluster: Cluster, named: str) -> str:
    if named.startswith("arn:"):
        # The short form of old ARNs, service/NAME, names a service of the given cluster.
        return named if named.count("/") > 1 else context.arns.service(cluster.name, arn_name(named))
    return context.arns.service(cluster.name, named)


def find_service(context: ApiContext, state: State, cluster: Cluster, named: str) -> Service:
    """A service that is not INACTIVE; raises ServiceNotFoundException or ServiceNotActiveException."""
    row = state.get(SERVICES, service_arn(context, cluster, named))
    if row is None:
        raise Fault("ServiceNotFoundException", "Service not found.")
    if row.status == "INACTIVE":
        raise Fault("ServiceNotActiveException", "Service was not ACTIVE.")
    return row


def task_arn(context: ApiContext, cluster: Cluster, named: str) -> str:
    if not named.startswith("arn:"):
        return context.arns.task(cluster.name, named)
    return named if named.count("/") > 1 else context.arns.task(cluster.name, arn_name(named))


def find_task(context: ApiContext, state: State, cluster: Cluster, named: str) -> Task:
    row = state.get(TASKS, task_arn(context, cluster, named))
    if row is None or row.cluster_arn != cluster.arn:
        raise Fault("InvalidParameterException", "The referenced task was not found.")
    return row


def instance_arn(context: ApiContext, cluster: Cluster, named: str) -> str:
    return named if named.startswith("arn:") else context.arns.container_instance(cluster.name, named)


def find_instance(context: ApiContext, state: State, cluster: Cluster, named: str) -> ContainerInstance:
    row = state.get(CONTAINER_INSTANCES, instance_arn(context, cluster, named))
    if row is None or row.cluster_arn != cluster.arn:
        raise Fault("InvalidParameterException", "Container instance not found.")
    return row


def find_definition(context: ApiContext, state: State, named: str) -> TaskDefinition | None:
    """By ARN, `family:revision`, or `family` for its newest ACTIVE revision."""
    text = arn_name(named)
    family, _, revision = text.partition(":")
    if revision:
        return (
            state.get(TASK_DEFINITIONS, context.arns.task_definition(family, int(revision)))
            if revision.isdigit()
            else None
        )
    active = [row for row in state.by(TASK_DEFINITIONS, "family", family) if row.status == "ACTIVE"]
    return max(active, key=lambda row: row.revision, default=None)


def usable_definition(context: ApiContext, state: State, named: str) -> TaskDefinition:
    """A revision that may be run anew; raises ClientException."""
    row = find_definition(context, state, named)
    if row is None:
        raise Fault("ClientException", "TaskDefinition not found.")
    if row.status != "ACTIVE":
        raise Fault("ClientException", "TaskDefinition is inactive")
    return row


def listed(
    items: Sequence[str], parameters: Mapping[str, Any], default: int = 100
) -> tuple[Sequence[str], str | None]:
    """One page of names by `maxResults` and `nextToken`; raises InvalidParameterException."""
    size = parameters.get("maxResults") or default
    try:
        found = paginate(items, key=str, token=parameters.get("nextToken"), size=size)
    except InvalidTokenError as error:
        raise Fault("InvalidParameterException", "Invalid token") from error
    return found.rows, found.next_token


def refuse(
    parameters: Mapping[str, Any], refused: Mapping[str, str], code: str = "InvalidParameterException"
) -> None:
    """Raise a fault for the first member that is given and not supported. Empty ones are not given."""
    for member, why in refused.items():
        if parameters.get(member) not in (None, [], {}, ""):
            raise Fault(code, f"{member}: {why}")


def missing(arn: str) -> dict[str, str]:
    return {"arn": arn, "reason": "MISSING"}


def tag_map(tags: Sequence[Mapping[str, str]] | None) -> dict[str, str]:
    """Tags as a mapping; raises InvalidParameterException for what AWS refuses."""
    result: dict[str, str] = {}
    for tag in tags or ():
        key = tag.get("key", "")
        if not key or len(key) > 128:
            raise Fault("InvalidParameterException", "Tag keys must have 1 to 128 characters.")
        if key.lower().startswith("aws:"):
            raise Fault("InvalidParameterException", "Tag keys must not start with aws:")
        if key in result:
            raise Fault("InvalidParameterException", f"Duplicate tag key {key}.")
        result[key] = tag.get("value", "")
    if len(result) > 50:
        raise Fault("InvalidParameterException", "A resource can have at most 50 tags.")
    return result


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags.items()]
