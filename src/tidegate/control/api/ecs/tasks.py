"""Tasks: run, start, stop, describe, list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ecs.lookup import (
    find_cluster,
    find_task,
    instance_arn,
    listed,
    missing,
    refuse,
    service_arn,
    tag_list,
    tag_map,
    task_arn,
    usable_definition,
)
from tidegate.control.api.ecs.service_input import constraints, strategy
from tidegate.control.decisions.placement import Assignment, Placement, Room, demand_of, place, room_of
from tidegate.control.decisions.tasks import STOPPED_BY_USER, USER_INITIATED, new_task, stop_task
from tidegate.control.store import Transaction
from tidegate.control.store.tables import CONTAINER_INSTANCES, TARGETS, TASK_DEFINITIONS, TASKS
from tidegate.domain.arns import arn_name
from tidegate.domain.ecs import Cluster, Container, ContainerInstance, Task, TaskDefinition
from tidegate.wire import Call, Fault, Operation

_REFUSED = {
    "capacityProviderStrategy": "capacity providers are not supported.",
    "networkConfiguration": (
        "Network Configuration is not valid for the given networkMode of this task definition."
    ),
    "platformVersion": "The platform version must be null when specifying an EC2 launch type.",
    "volumeConfigurations": "volumes configured at launch are not supported.",
    "enableExecuteCommand": "ECS Exec is not supported.",
}
_REFUSED_OF_OVERRIDES = {
    "cpu": "overriding the task's cpu is not supported.",
    "memory": "overriding the task's memory is not supported.",
    "inferenceAcceleratorOverrides": "accelerators are not supported.",
    "ephemeralStorage": "it is for Fargate, which is not supported.",
    "executionRoleArn": "overriding roles is not supported.",
    "taskRoleArn": "overriding roles is not supported.",
}
_REFUSED_OF_CONTAINER_OVERRIDES = {
    "environmentFiles": "environment files are not supported.",
    "resourceRequirements": "GPUs and accelerators are not supported.",
    "cpu": "overriding a container's cpu is not supported.",
    "memory": "overriding a container's memory is not supported.",
    "memoryReservation": "overriding a container's memoryReservation is not supported.",
}


def _invalid(message: str) -> Fault:
    return Fault("InvalidParameterException", message)


@dataclass(frozen=True, slots=True)
class _Started:
    tasks: list[Task]
    failures: list[dict[str, str]]


async def run_task(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Place up to ten tasks; what finds no place is a failure with its reason, not a fault."""
    parameters = call.parameters
    if parameters.get("launchType") not in (None, "", "EC2"):
        raise _invalid(f"launchType: {parameters['launchType']} is not supported, only EC2.")
    count = parameters.get("count")
    count = 1 if count is None else count
    if not 1 <= count <= 10:
        raise _invalid("Count must be between 1 and 10.")

    def run(tx: Transaction) -> _Started:
        cluster = find_cluster(context, tx, parameters.get("cluster"))
        known = _known_by_token(tx, cluster, parameters.get("clientToken"))
        if known:
            return _Started(known, [])
        instances = list(tx.by(CONTAINER_INSTANCES, "cluster", cluster.arn))
        if not any(instance.status == "ACTIVE" for instance in instances):
            raise _invalid("No Container Instances were found in your cluster.")
        definition = usable_definition(context, tx, parameters["taskDefinition"])
        placement = place(
            instances,
            demand_of(
                definition,
                constraints(parameters.get("placementConstraints") or ()),
                strategy(parameters.get("placementStrategy") or ()),
            ),
            count,
            group_tasks=_tasks_of_group(tx, cluster, _group(parameters, definition)),
            room_of=_rooms(context, tx),
            salt=definition.family,
        )
        return _start(context, tx, cluster, definition, placement, parameters)

    started = await context.store.transact(run)
    return {"tasks": [view(context, task) for task in started.tasks], "failures": started.failures}


async def start_task(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """One task on each of the named instances."""
    parameters = call.parameters

    def start(tx: Transaction) -> _Started:
        cluster = find_cluster(context, tx, parameters.get("cluster"))
        definition = usable_definition(context, tx, parameters["taskDefinition"])
        started = _Started([], [])
        for named in parameters["containerInstances"]:
            arn = instance_arn(context, cluster, named)
            row = tx.get(CONTAINER_INSTANCES, arn)
            if row is None:
                started.failures.append(missing(arn))
                continue
            placement = place(
                [row], demand_of(definition), 1, group_tasks={}, room_of=_rooms(context, tx), salt=named
            )
            one = _start(context, tx, cluster, definition, placement, parameters)
            started.tasks.extend(one.tasks)
            started.failures.extend(one.failures)
        return started

    started = await context.store.transact(start)
    return {"tasks": [view(context, task) for task in started.tasks], "failures": started.failures}


def _start(
    context: ApiContext,
    tx: Transaction,
    cluster: Cluster,
    definition: TaskDefinition,
    placement: Placement,
    parameters: Mapping[str, Any],
) -> _Started:
    refuse(parameters, _REFUSED)
    overrides = _overrides(parameters.get("overrides") or {}, definition)
    tags = tag_map(parameters.get("tags"))
    if parameters.get("propagateTags") == "TASK_DEFINITION":
        tags = {**definition.tags, **tags}
    tasks = []
    for assignment in placement.assignments:
        task = replace(
            _new(context, cluster, definition, assignment, _group(parameters, definition)),
            started_by=parameters.get("startedBy") or None,
            overrides=overrides,
            client_token=parameters.get("clientToken"),
            tags=tags,
        )
        tx.put(TASKS, task)
        tasks.append(task)
    failures = [{"arn": r.container_instance_arn, "reason": r.reason} for r in placement.refusals]
    return _Started(tasks, failures)


def _new(
    context: ApiContext, cluster: Cluster, definition: TaskDefinition, assignment: Assignment, group: str
) -> Task:
    return new_task(
        definition,
        demand_of(definition),
        assignment,
        cluster_arn=cluster.arn,
        group=group,
        arns=context.arns,
        ids=context.ids,
        now=context.clock.now(),
    )


def _group(parameters: Mapping[str, Any], definition: TaskDefinition) -> str:
    group = parameters.get("group") or f"family:{definition.family}"
    if group.startswith("service:"):
        raise _invalid("Invalid namespace for group.")
    return str(group)


def _rooms(context: ApiContext, tx: Transaction) -> Callable[[ContainerInstance], Room]:
    now = context.clock.now()
    return lambda row: room_of(
        row,
        tx.by(TASKS, "container_instance", row.arn),
        tx.by(TARGETS, "id", row.ec2_instance_id or ""),
        now,
    )


def _tasks_of_group(tx: Transaction, cluster: Cluster, group: str) -> Mapping[str, int]:
    return Counter(
        task.container_instance_arn
        for task in tx.by(TASKS, "cluster", cluster.arn)
        if task.group == group and task.last_status != "STOPPED"
    )


def _known_by_token(tx: Transaction, cluster: Cluster, token: str | None) -> list[Task]:
    """The tasks that an earlier request of the same client token started: a retry starts no others."""
    if not token:
        return []
    return [task for task in tx.by(TASKS, "cluster", cluster.arn) if task.client_token == token]


def _overrides(given: Mapping[str, Any], definition: TaskDefinition) -> dict[str, Any]:
    refuse(given, _REFUSED_OF_OVERRIDES)
    names = {container.name for container in definition.containers}
    overrides = []
    for item in given.get("containerOverrides") or ():
        refuse(item, _REFUSED_OF_CONTAINER_OVERRIDES)
        if item.get("name") not in names:
            raise _invalid(
                f"Override for container named {item.get('name')} is not a container in the TaskDefinition."
            )
        kept = {"name": item["name"]}
        kept |= {member: item[member] for member in ("command", "environment") if item.get(member)}
        overrides.append(kept)
    return {"containerOverrides": overrides} if overrides else {}


async def stop_a_task(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Stop a task; one with targets drains first."""
    parameters = call.parameters
    reason = parameters.get("reason") or STOPPED_BY_USER
    if len(reason) > 255:
        raise _invalid("Reason cannot exceed 255 characters.")

    def stop(tx: Transaction) -> Task:
        cluster = find_cluster(context, tx, parameters.get("cluster"))
        task = find_task(context, tx, cluster, parameters["task"])
        has_targets = task.service_arn is not None and any(
            target.registered_by == task.arn for target in tx.by(TARGETS, "service", task.service_arn)
        )
        stopped = stop_task(
            task, has_targets=has_targets, now=context.clock.now(), code=USER_INITIATED, reason=reason
        )
        tx.put(TASKS, stopped)
        return stopped

    task = await context.store.transact(stop)
    return {"task": view(context, task)}


async def describe_tasks(context: ApiContext, call: Call) -> Mapping[str, Any]:
    parameters, snapshot = call.parameters, context.store.snapshot
    cluster = find_cluster(context, snapshot, parameters.get("cluster"))
    if len(parameters["tasks"]) > 100:
        raise _invalid("Tasks cannot have more than 100 elements.")
    with_tags = "TAGS" in (parameters.get("include") or ())
    described, failures = [], []
    for named in parameters["tasks"]:
        arn = task_arn(context, cluster, named)
        row = snapshot.get(TASKS, arn)
        if row is None or row.cluster_arn != cluster.arn:
            failures.append(missing(arn))
        else:
            described.append(view(context, row, with_tags=with_tags))
    return {"tasks": described, "failures": failures}


async def list_tasks(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Tasks by desired status (RUNNING unless said) and what else is given."""
    parameters, snapshot = call.parameters, context.store.snapshot
    cluster = find_cluster(context, snapshot, parameters.get("cluster"))
    desired = parameters.get("desiredStatus") or "RUNNING"
    wanted: list[Callable[[Task], bool]] = [lambda task: task.desired_status == desired]
    if parameters.get("serviceName"):
        arn = service_arn(context, cluster, parameters["serviceName"])
        wanted.append(lambda task: task.service_arn == arn)
    if parameters.get("containerInstance"):
        instance = instance_arn(context, cluster, parameters["containerInstance"])
        wanted.append(lambda task: task.container_instance_arn == instance)
    if parameters.get("family"):
        wanted.append(
            lambda task: arn_name(task.task_definition_arn).rsplit(":", 1)[0] == parameters["family"]
        )
    if parameters.get("startedBy"):
        wanted.append(lambda task: task.started_by == parameters["startedBy"])
    if parameters.get("launchType"):
        wanted.append(lambda task: task.launch_type == parameters["launchType"])
    rows = (task for task in snapshot.by(TASKS, "cluster", cluster.arn) if all(rule(task) for rule in wanted))
    found, token = listed(sorted(task.arn for task in rows), parameters)
    return {"taskArns": list(found), "nextToken": token}


def view(context: ApiContext, task: Task, *, with_tags: bool = False) -> dict[str, Any]:
    """A task as DescribeTasks shows it."""
    definition = context.store.snapshot.get(TASK_DEFINITIONS, task.task_definition_arn)
    described: dict[str, Any] = {
        "attachments": [],
        "attributes": [],
        "availabilityZone": task.availability_zone,
        "clusterArn": task.cluster_arn,
        "containerInstanceArn": task.container_instance_arn,
        "containers": [_container(container, task, definition) for container in task.containers],
        "cpu": str(task.cpu),
        "createdAt": task.created_at,
        "desiredStatus": task.desired_status,
        "enableExecuteCommand": task.enable_execute_command,
        "group": task.group,
        "healthStatus": _health(task.containers, definition),
        "lastStatus": task.last_status,
        "launchType": task.launch_type,
        "memory": str(task.memory_mib),
        "overrides": {
            "containerOverrides": [
                *task.overrides.get("containerOverrides", ()),
                *({"name": c.name} for c in task.containers if not _is_overridden(task, c.name)),
            ],
            "inferenceAcceleratorOverrides": [],
        },
        "tags": tag_list(task.tags) if with_tags else [],
        "taskArn": task.arn,
        "taskDefinitionArn": task.task_definition_arn,
        "version": task.version,
        "connectivity": "CONNECTED",
    }
    optional = {
        "startedBy": task.started_by,
        "stopCode": task.stop_code,
        "stoppedReason": task.stopped_reason,
        "connectivityAt": task.acknowledged_at,
        "pullStartedAt": task.pull_started_at,
        "pullStoppedAt": task.pull_stopped_at,
        "startedAt": task.started_at,
        "executionStoppedAt": task.execution_stopped_at,
        "stoppingAt": task.stopping_at,
        "stoppedAt": task.stopped_at,
    }
    described |= {name: value for name, value in optional.items() if value is not None}
    return described


def _is_overridden(task: Task, name: str) -> bool:
    return any(item["name"] == name for item in task.overrides.get("containerOverrides", ()))


def _container(container: Container, task: Task, definition: TaskDefinition | None) -> dict[str, Any]:
    named = next((c for c in definition.containers if c.name == container.name), None) if definition else None
    described: dict[str, Any] = {
        "containerArn": container.arn,
        "taskArn": task.arn,
        "name": container.name,
        "image": container.image,
        "lastStatus": container.last_status,
        "networkBindings": [
            {
                "bindIP": binding.bind_ip,
                "containerPort": binding.container_port,
                "hostPort": binding.host_port,
                "protocol": binding.protocol,
            }
            for binding in container.network_bindings
        ],
        "networkInterfaces": [],
        "healthStatus": container.health_status,
    }
    if named is not None:
        described["cpu"] = str(named.cpu)
        if named.memory_mib is not None:
            described["memory"] = str(named.memory_mib)
        if named.memory_reservation_mib is not None:
            described["memoryReservation"] = str(named.memory_reservation_mib)
    optional = {
        "runtimeId": container.runtime_id,
        "exitCode": container.exit_code,
        "reason": container.reason,
        "imageDigest": container.image_digest,
    }
    described |= {name: value for name, value in optional.items() if value is not None}
    return described


def _health(containers: Sequence[Container], definition: TaskDefinition | None) -> str:
    checked = (
        {c.name for c in definition.containers if c.essential and c.health_check} if definition else set()
    )
    states = {container.health_status for container in containers if container.name in checked}
    if "UNHEALTHY" in states:
        return "UNHEALTHY"
    return "UNKNOWN" if not states or "UNKNOWN" in states else "HEALTHY"


OPERATIONS: Mapping[str, Operation] = {
    "RunTask": Operation(run_task, "EC2 only; overrides of command and environment"),
    "StartTask": Operation(start_task, "overrides of command and environment"),
    "StopTask": Operation(stop_a_task),
    "DescribeTasks": Operation(describe_tasks),
    "ListTasks": Operation(list_tasks),
}
