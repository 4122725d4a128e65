"""RunTask and StartTask. Both place through the scheduler's own `place`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ecs.faults import invalid
from tidegate.control.api.ecs.listing import check_count
from tidegate.control.api.ecs.lookup import find_cluster, instance_arn, missing, usable_definition
from tidegate.control.api.ecs.placement_input import check_launch, constraints, strategy
from tidegate.control.api.ecs.task_input import check_start, fingerprint, group_of, overrides_of, tags_of
from tidegate.control.api.ecs.task_view import task_view
from tidegate.control.api.honoured import honours
from tidegate.control.decisions.placement import Demand, Placement, demand_of, place
from tidegate.control.decisions.tasks import new_task
from tidegate.control.rooms import room_on
from tidegate.control.store import Transaction
from tidegate.control.store.tables import CONTAINER_INSTANCES, TASKS
from tidegate.domain.ecs import Cluster, Task, TaskDefinition
from tidegate.wire import Call, Fault, Operation

_COMMON = (
    "cluster",
    "taskDefinition",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "group",
    "networkConfiguration",
    "overrides",
    "propagateTags",
    "referenceId",
    "startedBy",
    "tags",
)
_TOKEN_LENGTH_MAX = 64


@dataclass(frozen=True, slots=True)
class _Started:
    tasks: list[Task] = field(default_factory=list)
    failures: list[dict[str, str]] = field(default_factory=list)


@honours(
    *_COMMON,
    "capacityProviderStrategy",
    "clientToken",
    "count",
    "launchType",
    "placementConstraints",
    "placementStrategy",
    "platformVersion",
)
async def run_task(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Place up to ten tasks; what finds no place is a failure with its reason, not a fault."""
    parameters = call.parameters
    check_launch(parameters)
    check_start(parameters, started_by_length_max=128)
    count = parameters.get("count", 1)
    if not 1 <= count <= 10:
        raise invalid("Count must be between 1 and 10.")
    if len(parameters.get("clientToken") or "") > _TOKEN_LENGTH_MAX:
        raise invalid(f"clientToken can have at most {_TOKEN_LENGTH_MAX} characters.")

    def run(tx: Transaction) -> _Started:
        cluster = find_cluster(context, tx, parameters.get("cluster"))
        repeated = _repeated(tx, cluster, parameters)
        if repeated:
            return _Started(repeated)
        definition = usable_definition(context, tx, parameters["taskDefinition"], inactive=invalid)
        request = _Request(context, tx, cluster, definition, parameters)
        instances = [
            row for row in tx.by(CONTAINER_INSTANCES, "cluster", cluster.arn) if row.status == "ACTIVE"
        ]
        if not instances:
            raise invalid("No Container Instances were found in your cluster.")
        placement = place(
            instances,
            request.demand,
            count,
            group_tasks=_tasks_of_group(tx, cluster, request.group),
            room_of=lambda row: room_on(tx, row, context.clock.now()),
            salt=request.group,
        )
        return request.start(placement)

    return _answer(context, await context.store.transact(run))


@honours(*_COMMON, "containerInstances")
async def start_task(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """One task on each of the named instances, whatever a strategy would choose."""
    parameters = call.parameters
    check_start(parameters, started_by_length_max=36)
    check_count("Container Instances", parameters["containerInstances"], 10)

    def start(tx: Transaction) -> _Started:
        cluster = find_cluster(context, tx, parameters.get("cluster"))
        definition = usable_definition(context, tx, parameters["taskDefinition"], inactive=invalid)
        request = _Request(context, tx, cluster, definition, parameters)
        whole = _Started()
        for named in parameters["containerInstances"]:
            arn = instance_arn(context, cluster, named)
            row = tx.get(CONTAINER_INSTANCES, arn)
            if row is None:
                whole.failures.append(missing(arn))
                continue
            placement = place(
                [row],
                request.demand,
                1,
                group_tasks={},
                room_of=lambda row: room_on(tx, row, context.clock.now()),
                salt=request.group,
            )
            one = request.start(placement)
            whole.tasks.extend(one.tasks)
            whole.failures.extend(one.failures)
        return whole

    return _answer(context, await context.store.transact(start))


class _Request:
    """A checked request inside its transaction: what is to be placed, and starting it where it has a
    place."""

    def __init__(
        self,
        context: ApiContext,
        tx: Transaction,
        cluster: Cluster,
        definition: TaskDefinition,
        parameters: Mapping[str, Any],
    ) -> None:
        self._context = context
        self._tx = tx
        self._cluster = cluster
        self._definition = definition
        self._parameters = parameters
        self._overrides = overrides_of(parameters, definition)
        self._tags = tags_of(parameters, cluster, definition)
        self.group = group_of(parameters, definition)
        self.demand: Demand = demand_of(
            definition,
            constraints(parameters.get("placementConstraints")),
            strategy(parameters.get("placementStrategy")),
            self._overrides,
        )

    def start(self, placement: Placement) -> _Started:
        token = self._parameters.get("clientToken")
        started = _Started()
        for assignment in placement.assignments:
            task = new_task(
                self._definition,
                self.demand,
                assignment,
                cluster_arn=self._cluster.arn,
                group=self.group,
                arns=self._context.arns,
                ids=self._context.ids,
                now=self._context.clock.now(),
            )
            task = replace(
                task,
                started_by=self._parameters.get("startedBy"),
                overrides=self._overrides,
                client_token=token,
                request_fingerprint=fingerprint(self._parameters) if token else None,
                tags=self._tags,
            )
            self._tx.put(TASKS, task)
            started.tasks.append(task)
        started.failures.extend(
            {"arn": refusal.container_instance_arn, "reason": refusal.reason}
            for refusal in placement.refusals
        )
        return started


def _answer(context: ApiContext, started: _Started) -> Mapping[str, Any]:
    snapshot = context.store.snapshot
    return {
        "tasks": [task_view(snapshot, task, with_tags=True) for task in started.tasks],
        "failures": started.failures,
    }


def _repeated(tx: Transaction, cluster: Cluster, parameters: Mapping[str, Any]) -> list[Task]:
    """The tasks that an earlier request with this client token started: a retry starts no others."""
    token = parameters.get("clientToken")
    if not token:
        return []
    known = [task for task in tx.by(TASKS, "client_token", token) if task.cluster_arn == cluster.arn]
    asked = fingerprint(parameters)
    if any(task.request_fingerprint != asked for task in known):
        raise Fault(
            "ConflictException",
            "The clientToken was used before, in a request with other parameters.",
            resourceIds=[task.arn for task in known],
        )
    return sorted(known, key=lambda task: task.arn)


def _tasks_of_group(tx: Transaction, cluster: Cluster, group: str) -> Mapping[str, int]:
    """Live tasks of the group by container instance: what is spread."""
    return Counter(
        task.container_instance_arn
        for task in tx.by(TASKS, "cluster", cluster.arn)
        if task.group == group and task.desired_status == "RUNNING"
    )


OPERATIONS: Mapping[str, Operation] = {
    "RunTask": Operation(
        run_task,
        "no Fargate, capacity providers, ECS Exec, memberOf constraints; overrides of command, environment, "
        "cpu and memory of containers only",
    ),
    "StartTask": Operation(
        start_task, "no ECS Exec; overrides of command, environment, cpu and memory of containers only"
    ),
}
