"""Tasks: describe, list, stop. `running_tasks` starts them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ecs.faults import invalid
from tidegate.control.api.ecs.listing import check_count, page_of
from tidegate.control.api.ecs.lookup import (
    described_cluster,
    find_cluster,
    find_service,
    find_task,
    instance_arn,
    missing,
    task_arn,
)
from tidegate.control.api.ecs.task_view import task_view
from tidegate.control.api.honoured import honours
from tidegate.control.decisions.tasks import STOPPED_BY_USER, USER_INITIATED, stop_task
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import TARGETS, TASKS
from tidegate.domain.arns import arn_name
from tidegate.domain.ecs import Cluster, Task
from tidegate.wire import Call, Operation

_REASON_LENGTH_MAX = 1024
_DESIRED = ("RUNNING", "PENDING", "STOPPED")
_FILTERS = ("containerInstance", "family", "serviceName", "launchType", "desiredStatus")


@honours("cluster", "task", "reason")
async def stop_a_task(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Stop a task; one with targets drains first. What is stopping or stopped stays as it is."""
    parameters = call.parameters
    reason = parameters.get("reason") or STOPPED_BY_USER
    if len(reason) > _REASON_LENGTH_MAX:
        raise invalid(f"reason can have at most {_REASON_LENGTH_MAX} characters.")

    def stop(tx: Transaction) -> Task:
        cluster = find_cluster(context, tx, parameters.get("cluster"))
        task = find_task(context, tx, cluster, parameters["task"])
        has_targets = task.service_arn is not None and any(
            target.registered_by == task.arn for target in tx.by(TARGETS, "service", task.service_arn)
        )
        now = context.clock.now()
        stopped = stop_task(task, has_targets=has_targets, now=now, code=USER_INITIATED, reason=reason)
        tx.put(TASKS, stopped)
        return stopped

    task = await context.store.transact(stop)
    return {"task": task_view(context.store.snapshot, task)}


@honours("cluster", "tasks", "include")
async def describe_tasks(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Tasks of any status, stopped ones for an hour, in the order of the request."""
    parameters, snapshot = call.parameters, context.store.snapshot
    cluster = described_cluster(context, snapshot, parameters.get("cluster"))
    check_count("Tasks", parameters["tasks"], 100)
    with_tags = "TAGS" in (parameters.get("include") or ())
    arns = dict.fromkeys(task_arn(context, cluster, named) for named in parameters["tasks"])
    rows = {arn: snapshot.get(TASKS, arn) for arn in arns}
    return {
        "tasks": [task_view(snapshot, row, with_tags=with_tags) for row in rows.values() if row is not None],
        "failures": [missing(arn) for arn, row in rows.items() if row is None],
    }


@honours("cluster", "startedBy", *_FILTERS, "nextToken", "maxResults")
async def list_tasks(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """ARNs of tasks by desired status (RUNNING unless said) and what else is given."""
    parameters, snapshot = call.parameters, context.store.snapshot
    cluster = described_cluster(context, snapshot, parameters.get("cluster"))
    desired = parameters.get("desiredStatus", "RUNNING")
    if desired not in _DESIRED:
        raise invalid(f"desiredStatus should be one of [{','.join(_DESIRED)}]")
    started_by, family = parameters.get("startedBy"), parameters.get("family")
    if started_by and any(parameters.get(name) for name in _FILTERS if name != "desiredStatus"):
        raise invalid("startedBy cannot be combined with other filters.")
    rows = (
        row
        for row in _candidates(context, snapshot, cluster, parameters)
        if row.desired_status == desired
        and row.launch_type == parameters.get("launchType", row.launch_type)
        and (not started_by or row.started_by == started_by)
        and (not family or arn_name(row.task_definition_arn).rsplit(":", 1)[0] == family)
    )
    page = page_of((row.arn for row in rows), parameters)
    return {"taskArns": list(page.rows), "nextToken": page.next_token}


def _candidates(
    context: ApiContext, snapshot: Snapshot, cluster: Cluster, parameters: Mapping[str, Any]
) -> Iterable[Task]:
    """The tasks of the cluster, of one of its services, of one of its instances."""
    service, instance = parameters.get("serviceName"), parameters.get("containerInstance")
    within = instance_arn(context, cluster, instance) if instance else None
    if service:
        rows = snapshot.by(TASKS, "service", find_service(context, snapshot, cluster, service).arn)
        return (row for row in rows if within in (None, row.container_instance_arn))
    if within:
        return snapshot.by(TASKS, "container_instance", within)
    return snapshot.by(TASKS, "cluster", cluster.arn)


OPERATIONS: Mapping[str, Operation] = {
    "StopTask": Operation(stop_a_task),
    "DescribeTasks": Operation(describe_tasks),
    "ListTasks": Operation(list_tasks),
}
