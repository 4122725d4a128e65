"""Finding what a request names, by name, id or ARN; and the faults when it is not there."""

from __future__ import annotations

from collections.abc import Callable

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ecs.faults import client, invalid
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import (
    CLUSTERS,
    CONTAINER_INSTANCES,
    SERVICES,
    TASK_DEFINITIONS,
    TASKS,
)
from tidegate.domain.arns import arn_name, parse_arn
from tidegate.domain.ecs import DEFAULT_CLUSTER, Cluster, ContainerInstance, Service, Task, TaskDefinition
from tidegate.wire import Fault

State = Snapshot | Transaction

# Ids of the old format were UUIDs.
_TASK_ID_LENGTHS = (32, 36)
# ECS gives out a million revisions in a family; what is longer is no number of one.
_REVISION_DIGITS_MAX = 10


def cluster_arn(context: ApiContext, named: str | None) -> str:
    """The ARN of a cluster by name or ARN; `default` when none is named."""
    name = named or DEFAULT_CLUSTER
    return name if name.startswith("arn:") else context.arns.cluster(name)


def described_cluster(context: ApiContext, state: State, named: str | None) -> Cluster:
    """A cluster whose contents are to be described: what a deleted one held may still be looked at."""
    row = state.get(CLUSTERS, cluster_arn(context, named))
    if row is None:
        raise Fault("ClusterNotFoundException", "Cluster not found.")
    return row


def find_cluster(context: ApiContext, state: State, named: str | None) -> Cluster:
    """An ACTIVE cluster; raises ClusterNotFoundException."""
    row = described_cluster(context, state, named)
    if row.status != "ACTIVE":
        raise Fault("ClusterNotFoundException", "The referenced cluster was inactive.")
    return row


def service_arn(context: ApiContext, cluster: Cluster, named: str) -> str:
    return _arn_within(cluster, named, "service", context.arns.service)


def find_service(context: ApiContext, state: State, cluster: Cluster, named: str) -> Service:
    """A service of any status; raises ServiceNotFoundException."""
    row = state.get(SERVICES, service_arn(context, cluster, named))
    if row is None:
        raise Fault("ServiceNotFoundException", "Service not found.")
    return row


def task_arn(context: ApiContext, cluster: Cluster, named: str) -> str:
    if len(arn_name(named)) not in _TASK_ID_LENGTHS:
        raise invalid("taskId length should be one of [32,36]")
    return _arn_within(cluster, named, "task", context.arns.task)


def find_task(context: ApiContext, state: State, cluster: Cluster, named: str) -> Task:
    row = state.get(TASKS, task_arn(context, cluster, named))
    if row is None:
        raise invalid("The referenced task was not found.")
    return row


def instance_arn(context: ApiContext, cluster: Cluster, named: str) -> str:
    return _arn_within(cluster, named, "container-instance", context.arns.container_instance)


def find_instance(context: ApiContext, state: State, cluster: Cluster, named: str) -> ContainerInstance:
    row = state.get(CONTAINER_INSTANCES, instance_arn(context, cluster, named))
    if row is None:
        raise invalid("Container instance not found.")
    return row


def find_definition(context: ApiContext, state: State, named: str) -> TaskDefinition | None:
    """By ARN, `family:revision`, or `family` for its newest ACTIVE revision."""
    arn = revision_arn(context, named)
    if arn is not None:
        return state.get(TASK_DEFINITIONS, arn)
    active = [row for row in state.by(TASK_DEFINITIONS, "family", arn_name(named)) if row.status == "ACTIVE"]
    return max(active, key=lambda row: row.revision, default=None)


def revision_arn(context: ApiContext, named: str) -> str | None:
    """The ARN of one revision; None where only a family is named."""
    family, has_revision, revision = arn_name(named).partition(":")
    if not has_revision:
        return None
    is_number = revision.isascii() and revision.isdecimal() and len(revision) <= _REVISION_DIGITS_MAX
    if not is_number:
        raise invalid(f"Invalid revision number. Number: {revision}")
    return named if named.startswith("arn:") else context.arns.task_definition(family, int(revision))


def usable_definition(
    context: ApiContext, state: State, named: str, inactive: Callable[[str], Fault] = client
) -> TaskDefinition:
    """A revision from which something new may run; raises ClientException where there is none."""
    row = find_definition(context, state, named)
    if row is None:
        raise client("TaskDefinition not found.")
    if row.status != "ACTIVE":
        raise inactive("TaskDefinition is inactive")
    return row


def missing(arn: str) -> dict[str, str]:
    """An item of `failures` for what is not there."""
    return {"arn": arn, "reason": "MISSING"}


def _arn_within(cluster: Cluster, named: str, kind: str, make: Callable[[str, str], str]) -> str:
    """The ARN of something that the cluster holds, by that ARN, an old short one, or the bare name."""
    parsed = parse_arn(named)
    if parsed is None:
        return make(cluster.name, named)
    found, *path = parsed.resource.split("/")
    if found != kind or len(path) not in (1, 2) or not all(path):
        raise invalid("Invalid identifier: Unexpected number of separators")
    # The short form of old ARNs does not say its cluster.
    if len(path) == 2 and path[0] != cluster.name:
        raise invalid(f"Identifier is for cluster {path[0]}. Your cluster is {cluster.name}")
    return named if len(path) == 2 else make(cluster.name, path[0])
