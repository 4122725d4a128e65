"""Container instances as users see them; agents register through agents.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ecs.faults import client, invalid
from tidegate.control.api.ecs.instance_view import filter_view, instance_view
from tidegate.control.api.ecs.listing import check_count, page_of
from tidegate.control.api.ecs.lookup import (
    described_cluster,
    find_cluster,
    find_instance,
    instance_arn,
    missing,
)
from tidegate.control.api.honoured import honours
from tidegate.control.decisions.cluster_query import QueryError, parse_query
from tidegate.control.decisions.instances import DEREGISTERED
from tidegate.control.decisions.tasks import USER_INITIATED, finish_task
from tidegate.control.store import Transaction
from tidegate.control.store.tables import CONTAINER_INSTANCES, TASKS
from tidegate.domain.ecs import ContainerInstance
from tidegate.wire import Call, Operation

_STATUSES = ("ACTIVE", "DRAINING", "REGISTERING", "DEREGISTERING", "REGISTRATION_FAILED")


@honours("cluster", "containerInstances", "include")
async def describe_container_instances(context: ApiContext, call: Call) -> Mapping[str, Any]:
    parameters, snapshot = call.parameters, context.store.snapshot
    cluster = described_cluster(context, snapshot, parameters.get("cluster"))
    check_count("Container Instances", parameters["containerInstances"], 100, when_empty=client)
    include, now = parameters.get("include") or (), context.clock.now()
    arns = dict.fromkeys(instance_arn(context, cluster, named) for named in parameters["containerInstances"])
    rows = {arn: snapshot.get(CONTAINER_INSTANCES, arn) for arn in arns}
    return {
        "containerInstances": [
            instance_view(snapshot, row, now, include) for row in rows.values() if row is not None
        ],
        "failures": [missing(arn) for arn, row in rows.items() if row is None],
    }


@honours("cluster", "filter", "status", "nextToken", "maxResults")
async def list_container_instances(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """ARNs by status and by an expression of the cluster query language."""
    parameters, snapshot = call.parameters, context.store.snapshot
    cluster = described_cluster(context, snapshot, parameters.get("cluster"))
    status = parameters.get("status")
    if status is not None and status not in _STATUSES:
        raise invalid(f"Container instance status should be one of [{', '.join(_STATUSES)}]")
    rows = [
        row
        for row in snapshot.by(CONTAINER_INSTANCES, "cluster", cluster.arn)
        if (row.status == status if status else row.status != "INACTIVE")
    ]
    if parameters.get("filter"):
        try:
            query = parse_query(parameters["filter"])
        except QueryError as error:
            raise invalid(f"Invalid expression: {error}") from error
        rows = [row for row in rows if query(filter_view(snapshot, row))]
    page = page_of((row.arn for row in rows), parameters)
    return {"containerInstanceArns": list(page.rows), "nextToken": page.next_token}


@honours("cluster", "containerInstances", "status")
async def update_container_instances_state(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """ACTIVE or DRAINING; a draining instance gets no task, and its services' tasks are replaced."""
    named, status = call.parameters["containerInstances"], call.parameters["status"]
    if status not in ("ACTIVE", "DRAINING"):
        raise invalid("Container instance status should be one of [ACTIVE, DRAINING]")
    check_count("Container Instances", named, 10)

    def update(tx: Transaction) -> tuple[list[ContainerInstance], list[dict[str, str]]]:
        cluster = find_cluster(context, tx, call.parameters.get("cluster"))
        changed, failures = [], []
        for arn in dict.fromkeys(instance_arn(context, cluster, name) for name in named):
            row = tx.get(CONTAINER_INSTANCES, arn)
            if row is None:
                failures.append(missing(arn))
                continue
            if row.status not in ("ACTIVE", "DRAINING"):
                failures.append({"arn": arn, "reason": "INACTIVE"})
                continue
            if row.status != status:
                row = replace(row, status=status, version=row.version + 1)
                tx.put(CONTAINER_INSTANCES, row)
            changed.append(row)
        return changed, failures

    rows, failures = await context.store.transact(update)
    snapshot, now = context.store.snapshot, context.clock.now()
    return {"containerInstances": [instance_view(snapshot, row, now) for row in rows], "failures": failures}


@honours("cluster", "containerInstance", "force")
async def deregister_container_instance(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Remove an instance; with `force` its tasks are given up (they run on, unmanaged, as on AWS)."""
    parameters = call.parameters

    def deregister(tx: Transaction) -> ContainerInstance:
        cluster = find_cluster(context, tx, parameters.get("cluster"))
        row = find_instance(context, tx, cluster, parameters["containerInstance"])
        tasks = list(tx.by(TASKS, "live_on_instance", row.arn))
        if tasks and not parameters.get("force"):
            raise invalid("Found running tasks on the instance.")
        now = context.clock.now()
        for task in tasks:
            tx.put(TASKS, finish_task(task, now=now, code=USER_INITIATED, reason=DEREGISTERED))
        tx.delete(CONTAINER_INSTANCES, row.arn)
        return replace(row, status="INACTIVE", agent_connected=False, version=row.version + 1)

    row = await context.store.transact(deregister)
    return {"containerInstance": instance_view(context.store.snapshot, row, context.clock.now())}


OPERATIONS: Mapping[str, Operation] = {
    "DescribeContainerInstances": Operation(
        describe_container_instances, "healthStatus is always INSUFFICIENT_DATA"
    ),
    "ListContainerInstances": Operation(list_container_instances),
    "UpdateContainerInstancesState": Operation(update_container_instances_state),
    "DeregisterContainerInstance": Operation(
        deregister_container_instance, "a deregistered instance is not described as INACTIVE: it is gone"
    ),
}
