"""Container instances as users see them; agents register through agents.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ecs.lookup import (
    find_cluster,
    find_instance,
    instance_arn,
    listed,
    missing,
    refuse,
    tag_list,
)
from tidegate.control.decisions.placement import room_of
from tidegate.control.decisions.tasks import finish_task
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import CONTAINER_INSTANCES, TARGETS, TASKS
from tidegate.domain.ecs import ContainerInstance
from tidegate.wire import Call, Fault, Operation

_FILTER = {"filter": "the cluster query language is not supported."}


async def describe_container_instances(context: ApiContext, call: Call) -> Mapping[str, Any]:
    snapshot = context.store.snapshot
    cluster = find_cluster(context, snapshot, call.parameters.get("cluster"))
    described, failures = [], []
    for named in call.parameters["containerInstances"]:
        arn = instance_arn(context, cluster, named)
        row = snapshot.get(CONTAINER_INSTANCES, arn)
        if row is None or row.cluster_arn != cluster.arn:
            failures.append(missing(arn))
        else:
            described.append(view(context, snapshot, row))
    return {"containerInstances": described, "failures": failures}


async def list_container_instances(context: ApiContext, call: Call) -> Mapping[str, Any]:
    parameters = call.parameters
    refuse(parameters, _FILTER)
    snapshot = context.store.snapshot
    cluster = find_cluster(context, snapshot, parameters.get("cluster"))
    status = parameters.get("status")
    arns = sorted(
        row.arn
        for row in snapshot.by(CONTAINER_INSTANCES, "cluster", cluster.arn)
        if (row.status == status if status else row.status in ("ACTIVE", "DRAINING"))
    )
    found, token = listed(arns, parameters)
    return {"containerInstanceArns": list(found), "nextToken": token}


async def update_container_instances_state(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """ACTIVE or DRAINING; a draining instance gets no task, and its services' tasks are replaced."""
    status = call.parameters["status"]
    if status not in ("ACTIVE", "DRAINING"):
        raise Fault(
            "InvalidParameterException", "Container instance status should be one of [ACTIVE, DRAINING]"
        )

    def update(tx: Transaction) -> tuple[list[ContainerInstance], list[dict[str, str]]]:
        cluster = find_cluster(context, tx, call.parameters.get("cluster"))
        changed, failures = [], []
        for named in call.parameters["containerInstances"]:
            arn = instance_arn(context, cluster, named)
            row = tx.get(CONTAINER_INSTANCES, arn)
            if row is None or row.cluster_arn != cluster.arn:
                failures.append(missing(arn))
                continue
            row = replace(row, status=status, version=row.version + 1)
            tx.put(CONTAINER_INSTANCES, row)
            changed.append(row)
        return changed, failures

    rows, failures = await context.store.transact(update)
    snapshot = context.store.snapshot
    return {"containerInstances": [view(context, snapshot, row) for row in rows], "failures": failures}


async def deregister_container_instance(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Remove an instance; with `force` its tasks are given up (they run on, unmanaged, as on AWS)."""
    is_forced = bool(call.parameters.get("force"))

    def deregister(tx: Transaction) -> ContainerInstance:
        cluster = find_cluster(context, tx, call.parameters.get("cluster"))
        row = find_instance(context, tx, cluster, call.parameters["containerInstance"])
        tasks = list(tx.by(TASKS, "live_on_instance", row.arn))
        if tasks and not is_forced:
            raise Fault("InvalidParameterException", "Found running tasks on the instance.")
        reason = "Container instance deregistration forced by user"
        for task in tasks:
            tx.put(
                TASKS,
                finish_task(task, now=context.clock.now(), code="ServiceSchedulerInitiated", reason=reason),
            )
        tx.delete(CONTAINER_INSTANCES, row.arn)
        return replace(row, status="INACTIVE")

    row = await context.store.transact(deregister)
    return {"containerInstance": view(context, context.store.snapshot, row)}


def view(context: ApiContext, snapshot: Snapshot, row: ContainerInstance) -> dict[str, Any]:
    """A container instance as DescribeContainerInstances shows it; what remains is computed."""
    tasks = list(snapshot.by(TASKS, "container_instance", row.arn))
    room = room_of(row, tasks, snapshot.by(TARGETS, "id", row.ec2_instance_id or ""), context.clock.now())
    live = [task for task in tasks if task.last_status != "STOPPED"]
    used = {"tcp": set(row.resources.reserved_tcp_ports), "udp": set(row.resources.reserved_udp_ports)}
    for task in live:
        for port in task.ports:
            used[port.protocol].add(port.host_port)
    described: dict[str, Any] = {
        "containerInstanceArn": row.arn,
        "version": row.version,
        "versionInfo": {
            "agentVersion": row.version_info.agent_version,
            "agentHash": row.version_info.agent_hash,
            "dockerVersion": row.version_info.docker_version,
        },
        "remainingResources": _resources(room.cpu, room.memory_mib, used["tcp"], used["udp"]),
        "registeredResources": _resources(
            row.resources.cpu,
            row.resources.memory_mib,
            set(row.resources.reserved_tcp_ports),
            set(row.resources.reserved_udp_ports),
        ),
        "status": row.status,
        "agentConnected": row.agent_connected,
        "runningTasksCount": sum(1 for task in live if task.last_status == "RUNNING"),
        "pendingTasksCount": sum(1 for task in live if task.last_status == "PENDING"),
        "attributes": [
            {"name": a.name, "value": a.value} if a.value is not None else {"name": a.name}
            for a in row.attributes
        ],
        "registeredAt": row.registered_at,
        "attachments": [],
        "tags": tag_list(row.tags),
    }
    if row.ec2_instance_id:
        described["ec2InstanceId"] = row.ec2_instance_id
    if row.status_reason:
        described["statusReason"] = row.status_reason
    return described


def _resources(cpu: int, memory_mib: int, tcp: set[int], udp: set[int]) -> list[dict[str, Any]]:
    zero = {"doubleValue": 0.0, "longValue": 0}
    return [
        {"name": "CPU", "type": "INTEGER", "integerValue": cpu, **zero},
        {"name": "MEMORY", "type": "INTEGER", "integerValue": memory_mib, **zero},
        {"name": "PORTS", "type": "STRINGSET", "integerValue": 0, **zero, "stringSetValue": _texts(tcp)},
        {"name": "PORTS_UDP", "type": "STRINGSET", "integerValue": 0, **zero, "stringSetValue": _texts(udp)},
    ]


def _texts(ports: set[int]) -> list[str]:
    return [str(port) for port in sorted(ports)]


OPERATIONS: Mapping[str, Operation] = {
    "DescribeContainerInstances": Operation(describe_container_instances),
    "ListContainerInstances": Operation(list_container_instances, "filter"),
    "UpdateContainerInstancesState": Operation(update_container_instances_state),
    "DeregisterContainerInstance": Operation(deregister_container_instance),
}
