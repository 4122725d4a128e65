"""Clusters."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.account_settings import setting_in_effect
from tidegate.control.api.context import ApiContext
from tidegate.control.api.ecs.faults import invalid
from tidegate.control.api.ecs.listing import check_count, page_of
from tidegate.control.api.ecs.lookup import State, cluster_arn, find_cluster, missing
from tidegate.control.api.ecs.tag_input import tag_list, tag_map
from tidegate.control.api.honoured import honours
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import CLUSTERS, CONTAINER_INSTANCES, SERVICES, TASKS
from tidegate.domain.ecs import DEFAULT_CLUSTER, Cluster, Service, Task
from tidegate.wire import Call, Fault, Operation

_NAME = re.compile(r"[a-zA-Z0-9\-_]{1,255}")
_INSIGHTS = "containerInsights"
_PENDING = ("PENDING", "PROVISIONING")
_LAUNCH_TYPES = ("EC2", "Fargate", "External", "ManagedInstances")


@honours("clusterName", "settings", "tags")
async def create_cluster(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Create a cluster; one of that name that is ACTIVE is returned as it is."""
    parameters = call.parameters
    name = parameters.get("clusterName") or DEFAULT_CLUSTER
    if not _NAME.fullmatch(name):
        raise invalid(r"ClusterName must match ^[a-zA-Z0-9\-_]{1,255}$")
    settings = _settings(parameters)
    tags = tag_map(parameters.get("tags"))

    def create(tx: Transaction) -> Cluster:
        arn = context.arns.cluster(name)
        known = tx.get(CLUSTERS, arn)
        if known is not None and known.status == "ACTIVE":
            return known
        chosen = setting_in_effect(tx, context.settings.account, _INSIGHTS)
        row = Cluster(
            arn=arn,
            name=name,
            created_at=context.clock.now(),
            settings={_INSIGHTS: chosen.value, **settings},
            tags=tags,
        )
        tx.put(CLUSTERS, row)
        return row

    row = await context.store.transact(create)
    return {"cluster": _view(context.store.snapshot, row, ("TAGS", "SETTINGS"))}


@honours("clusters", "include")
async def describe_clusters(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Clusters of any status: TAGS, SETTINGS and STATISTICS where asked for."""
    snapshot = context.store.snapshot
    named = call.parameters.get("clusters") or [DEFAULT_CLUSTER]
    check_count("Clusters", named, 100)
    include = call.parameters.get("include") or ()
    arns = [cluster_arn(context, name) for name in named]
    rows = {arn: snapshot.get(CLUSTERS, arn) for arn in arns}
    return {
        "clusters": [_view(snapshot, row, include) for row in rows.values() if row is not None],
        "failures": [missing(arn) for arn, row in rows.items() if row is None],
    }


@honours("nextToken", "maxResults")
async def list_clusters(context: ApiContext, call: Call) -> Mapping[str, Any]:
    arns = (row.arn for row in context.store.snapshot.all(CLUSTERS) if row.status == "ACTIVE")
    page = page_of(arns, call.parameters)
    return {"clusterArns": list(page.rows), "nextToken": page.next_token}


@honours("cluster")
async def delete_cluster(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Delete an empty cluster; it is described as INACTIVE from then on."""

    def delete(tx: Transaction) -> Cluster:
        row = find_cluster(context, tx, call.parameters["cluster"])
        _check_empty(tx, row)
        gone = replace(row, status="INACTIVE")
        tx.put(CLUSTERS, gone)
        return gone

    row = await context.store.transact(delete)
    return {"cluster": _view(context.store.snapshot, row, ())}


def _check_empty(tx: Transaction, row: Cluster) -> None:
    def fault(what: str, shown: str) -> Fault:
        return Fault(f"ClusterContains{what}Exception", f"The Cluster cannot be deleted while {shown}.")

    if any(instance.status != "INACTIVE" for instance in tx.by(CONTAINER_INSTANCES, "cluster", row.arn)):
        raise fault("ContainerInstances", "Container Instances are active or draining")
    if any(service.status != "INACTIVE" for service in tx.by(SERVICES, "cluster", row.arn)):
        raise fault("Services", "Services are active")
    if any(task.last_status != "STOPPED" for task in tx.by(TASKS, "cluster", row.arn)):
        raise fault("Tasks", "Tasks are active")


@honours("cluster", "settings")
async def update_cluster(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Change the settings that are given."""
    settings = _settings(call.parameters)

    def change(tx: Transaction) -> Cluster:
        row = find_cluster(context, tx, call.parameters["cluster"])
        changed = replace(row, settings={**row.settings, **settings})
        tx.put(CLUSTERS, changed)
        return changed

    row = await context.store.transact(change)
    return {"cluster": _view(context.store.snapshot, row, ("TAGS", "SETTINGS"))}


def _settings(parameters: Mapping[str, Any]) -> dict[str, str]:
    settings: dict[str, str] = {}
    for setting in parameters.get("settings") or ():
        name, value = setting.get("name"), setting.get("value")
        if name != _INSIGHTS:
            raise invalid(f"Invalid setting name: {name}")
        if value not in ("enabled", "disabled", "enhanced"):
            raise invalid(f"Invalid value for setting containerInsights: {value}")
        settings[name] = value
    return settings


def _view(snapshot: Snapshot, row: Cluster, include: Collection[str]) -> dict[str, Any]:
    tasks, services = _tasks(snapshot, row), _services(snapshot, row)
    instances = snapshot.by(CONTAINER_INSTANCES, "cluster", row.arn)
    return {
        "clusterArn": row.arn,
        "clusterName": row.name,
        "status": row.status,
        "registeredContainerInstancesCount": _count(instances, lambda i: i.status in ("ACTIVE", "DRAINING")),
        "runningTasksCount": _count(tasks, lambda task: task.last_status == "RUNNING"),
        "pendingTasksCount": _count(tasks, lambda task: task.last_status in _PENDING),
        "activeServicesCount": _count(services, lambda service: service.status == "ACTIVE"),
        "statistics": _statistics(tasks, services) if "STATISTICS" in include else [],
        "tags": tag_list(row.tags) if "TAGS" in include else [],
        "settings": (
            [{"name": name, "value": value} for name, value in row.settings.items()]
            if "SETTINGS" in include
            else []
        ),
        "capacityProviders": [],
        "defaultCapacityProviderStrategy": [],
    }


def _tasks(state: State, row: Cluster) -> list[Task]:
    return list(state.by(TASKS, "cluster", row.arn))


def _services(state: State, row: Cluster) -> list[Service]:
    return list(state.by(SERVICES, "cluster", row.arn))


def _statistics(tasks: Collection[Task], services: Collection[Service]) -> list[dict[str, str]]:
    """Every launch type is counted, though all is of type EC2."""
    counts = {
        "running{}TasksCount": _count(tasks, lambda task: task.last_status == "RUNNING"),
        "pending{}TasksCount": _count(tasks, lambda task: task.last_status in _PENDING),
        "active{}ServiceCount": _count(services, lambda service: service.status == "ACTIVE"),
        "draining{}ServiceCount": _count(services, lambda service: service.status == "DRAINING"),
    }
    return [
        {"name": form.format(kind), "value": str(count if kind == "EC2" else 0)}
        for form, count in counts.items()
        for kind in _LAUNCH_TYPES
    ]


def _count(rows: Any, rule: Callable[[Any], bool]) -> int:
    return sum(1 for row in rows if rule(row))


OPERATIONS: Mapping[str, Operation] = {
    "CreateCluster": Operation(
        create_cluster,
        "no capacity providers, execute-command configuration or Service Connect",
    ),
    "DescribeClusters": Operation(describe_clusters, "no attachments or configurations to include"),
    "ListClusters": Operation(list_clusters),
    "DeleteCluster": Operation(delete_cluster),
    "UpdateCluster": Operation(update_cluster, "settings only"),
    "UpdateClusterSettings": Operation(update_cluster),
}
