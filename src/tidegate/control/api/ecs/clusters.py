"""Clusters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ecs.lookup import (
    cluster_arn,
    find_cluster,
    listed,
    missing,
    refuse,
    tag_list,
    tag_map,
)
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import CLUSTERS, CONTAINER_INSTANCES, SERVICES, TASKS
from tidegate.domain.ecs import Cluster
from tidegate.wire import Call, Fault, Operation

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,255}")
_REFUSED = {
    "capacityProviders": "capacity providers are not supported.",
    "defaultCapacityProviderStrategy": "capacity providers are not supported.",
    "serviceConnectDefaults": "Service Connect is not supported.",
    "configuration": "cluster configurations are not supported.",
}
_DEFAULT_SETTINGS = {"containerInsights": "disabled"}


async def create_cluster(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Create a cluster; one of that name that is ACTIVE is returned as it is."""
    parameters = call.parameters
    refuse(parameters, _REFUSED)
    name = parameters.get("clusterName") or "default"
    if not _NAME.fullmatch(name):
        raise Fault("InvalidParameterException", "Identifier is not valid: " + name)
    settings = _settings(parameters)
    tags = tag_map(parameters.get("tags"))

    def create(tx: Transaction) -> Cluster:
        arn = context.arns.cluster(name)
        known = tx.get(CLUSTERS, arn)
        if known is not None and known.status == "ACTIVE":
            return known
        row = Cluster(arn=arn, name=name, created_at=context.clock.now(), settings=settings, tags=tags)
        tx.put(CLUSTERS, row)
        return row

    row = await context.store.transact(create)
    return {"cluster": _view(context.store.snapshot, row, ("TAGS", "SETTINGS"))}


async def describe_clusters(context: ApiContext, call: Call) -> Mapping[str, Any]:
    snapshot = context.store.snapshot
    clusters, failures = [], []
    for named in call.parameters.get("clusters") or ["default"]:
        row = snapshot.get(CLUSTERS, cluster_arn(context, named))
        if row is None:
            failures.append(missing(cluster_arn(context, named)))
        else:
            clusters.append(_view(snapshot, row, call.parameters.get("include") or ()))
    return {"clusters": clusters, "failures": failures}


async def list_clusters(context: ApiContext, call: Call) -> Mapping[str, Any]:
    arns = sorted(row.arn for row in context.store.snapshot.all(CLUSTERS) if row.status == "ACTIVE")
    found, token = listed(arns, call.parameters)
    return {"clusterArns": list(found), "nextToken": token}


async def delete_cluster(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Delete an empty cluster; it is described as INACTIVE from then on."""

    def delete(tx: Transaction) -> Cluster:
        row = find_cluster(context, tx, call.parameters["cluster"])
        if any(service.status != "INACTIVE" for service in tx.by(SERVICES, "cluster", row.arn)):
            raise Fault(
                "ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active."
            )
        if any(True for _ in tx.by(CONTAINER_INSTANCES, "cluster", row.arn)):
            raise Fault(
                "ClusterContainsContainerInstancesException",
                "The Cluster cannot be deleted while Container Instances are active or draining.",
            )
        if any(task.last_status != "STOPPED" for task in tx.by(TASKS, "cluster", row.arn)):
            raise Fault(
                "ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active."
            )
        gone = replace(row, status="INACTIVE")
        tx.put(CLUSTERS, gone)
        return gone

    row = await context.store.transact(delete)
    return {"cluster": _view(context.store.snapshot, row, ())}


async def update_cluster(context: ApiContext, call: Call) -> Mapping[str, Any]:
    refuse(call.parameters, _REFUSED)
    return await _change_settings(context, call)


async def update_cluster_settings(context: ApiContext, call: Call) -> Mapping[str, Any]:
    return await _change_settings(context, call)


async def _change_settings(context: ApiContext, call: Call) -> Mapping[str, Any]:
    settings = _settings(call.parameters)

    def change(tx: Transaction) -> Cluster:
        row = find_cluster(context, tx, call.parameters["cluster"])
        changed = replace(row, settings={**row.settings, **settings})
        tx.put(CLUSTERS, changed)
        return changed

    row = await context.store.transact(change)
    return {"cluster": _view(context.store.snapshot, row, ("TAGS", "SETTINGS"))}


def _settings(parameters: Mapping[str, Any]) -> dict[str, str]:
    settings = dict(_DEFAULT_SETTINGS)
    for setting in parameters.get("settings") or ():
        name, value = setting.get("name"), setting.get("value")
        if name != "containerInsights":
            raise Fault("InvalidParameterException", f"Invalid setting name: {name}")
        if value not in ("enabled", "disabled", "enhanced"):
            raise Fault("InvalidParameterException", f"Invalid value for setting containerInsights: {value}")
        settings[name] = value
    return settings


def _view(snapshot: Snapshot, row: Cluster, include: object) -> dict[str, Any]:
    tasks = [task for task in snapshot.by(TASKS, "cluster", row.arn) if task.last_status != "STOPPED"]
    services = [s for s in snapshot.by(SERVICES, "cluster", row.arn) if s.status != "INACTIVE"]
    included = set(include) if isinstance(include, (list, tuple)) else set()
    view: dict[str, Any] = {
        "clusterArn": row.arn,
        "clusterName": row.name,
        "status": row.status,
        "registeredContainerInstancesCount": sum(
            1 for _ in snapshot.by(CONTAINER_INSTANCES, "cluster", row.arn)
        ),
        "runningTasksCount": sum(1 for task in tasks if task.last_status == "RUNNING"),
        "pendingTasksCount": sum(1 for task in tasks if task.last_status in ("PENDING", "PROVISIONING")),
        "activeServicesCount": len(services),
        "statistics": [],
        "tags": tag_list(row.tags) if "TAGS" in included else [],
        "settings": [],
        "capacityProviders": [],
        "defaultCapacityProviderStrategy": [],
    }
    if "SETTINGS" in included:
        view["settings"] = [{"name": name, "value": value} for name, value in row.settings.items()]
    if "STATISTICS" in included:
        counts = {
            "runningEC2TasksCount": view["runningTasksCount"],
            "pendingEC2TasksCount": view["pendingTasksCount"],
            "activeEC2ServiceCount": sum(1 for s in services if s.status == "ACTIVE"),
            "drainingEC2ServiceCount": sum(1 for s in services if s.status == "DRAINING"),
        }
        view["statistics"] = [{"name": name, "value": str(value)} for name, value in counts.items()]
    return view


OPERATIONS: Mapping[str, Operation] = {
    "CreateCluster": Operation(create_cluster, "capacity providers, Service Connect defaults"),
    "DescribeClusters": Operation(describe_clusters),
    "ListClusters": Operation(list_clusters),
    "DeleteCluster": Operation(delete_cluster),
    "UpdateCluster": Operation(update_cluster, "configuration and Service Connect defaults"),
    "UpdateClusterSettings": Operation(update_cluster_settings),
}
