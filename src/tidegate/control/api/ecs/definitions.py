"""Task definitions: register, describe, list, deregister, delete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ecs.definition_input import parse_definition
from tidegate.control.api.ecs.faults import client, invalid
from tidegate.control.api.ecs.listing import page_of
from tidegate.control.api.ecs.lookup import State, find_definition, revision_arn
from tidegate.control.api.ecs.tag_input import tag_list, tag_map
from tidegate.control.api.honoured import honours
from tidegate.control.store import Transaction
from tidegate.control.store.tables import SERVICES, TASK_DEFINITIONS, TASKS
from tidegate.domain.ecs import TaskDefinition
from tidegate.wire import Call, Fault, Operation

_UNABLE = "Unable to describe task definition."
_INVALID = "The specified task definition identifier is invalid. Specify a valid name or ARN and try again."
_UNKNOWN = (
    "The specified task definition does not exist. Specify a valid account, family, revision and try again."
)
_STILL_ACTIVE = (
    "The specified task definition is still in ACTIVE status. Please deregister the target and try again."
)
_STATUSES = ("ACTIVE", "INACTIVE", "DELETE_IN_PROGRESS")


async def register_task_definition(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Register the next revision of a family; revisions are never given out twice."""
    tags = tag_map(call.parameters.get("tags"))
    parsed = parse_definition(call.parameters)
    now = context.clock.now()

    def register(tx: Transaction) -> TaskDefinition:
        known = tx.by(TASK_DEFINITIONS, "family", parsed.family)
        revision = max((row.revision for row in known), default=0) + 1
        row = replace(
            parsed,
            arn=context.arns.task_definition(parsed.family, revision),
            revision=revision,
            registered_at=now,
            registered_by=f"arn:aws:iam::{call.account}:root",
            tags=tags,
        )
        tx.put(TASK_DEFINITIONS, row)
        return row

    row = await context.store.transact(register)
    return {"taskDefinition": _view(row), "tags": tag_list(row.tags)}


@honours("taskDefinition", "include")
async def describe_task_definition(context: ApiContext, call: Call) -> Mapping[str, Any]:
    snapshot = context.store.snapshot
    row = find_definition(context, snapshot, call.parameters["taskDefinition"])
    if row is None or _is_deleted(snapshot, row):
        raise client(_UNABLE)
    answer: dict[str, Any] = {"taskDefinition": _view(row)}
    if "TAGS" in (call.parameters.get("include") or ()):
        answer["tags"] = tag_list(row.tags)
    return answer


@honours("taskDefinition")
async def deregister_task_definition(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Make a revision INACTIVE. What runs from it goes on, and its services still replace and scale."""
    named = call.parameters["taskDefinition"]
    if revision_arn(context, named) is None:
        raise client("Revision is missing.")

    def deregister(tx: Transaction) -> TaskDefinition:
        row = find_definition(context, tx, named)
        if row is None or _is_deleted(tx, row):
            raise client(_UNKNOWN)
        if row.status == "ACTIVE":
            row = replace(row, status="INACTIVE", deregistered_at=context.clock.now())
            tx.put(TASK_DEFINITIONS, row)
        return row

    return {"taskDefinition": _view(await context.store.transact(deregister))}


@honours("taskDefinitions")
async def delete_task_definitions(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Delete INACTIVE revisions. They are described as DELETE_IN_PROGRESS while something refers to them,
    and their numbers are not given out again."""
    named = call.parameters["taskDefinitions"]
    if not named:
        raise invalid("size of TaskDefinition references list must be greater than 0")
    if len(named) > 10:
        raise invalid("Size of TaskDefinition references list cannot exceed 10")

    def delete(tx: Transaction) -> tuple[list[TaskDefinition], list[dict[str, str]]]:
        deleted, failures = [], []
        for name in named:
            found = _deletable(context, tx, name)
            if isinstance(found, str):
                failures.append({"arn": name, "reason": found})
                continue
            # The row stays for good: it keeps its revision from being given out again.
            row = replace(found, status="DELETE_IN_PROGRESS", delete_requested_at=context.clock.now())
            tx.put(TASK_DEFINITIONS, row)
            deleted.append(row)
        return deleted, failures

    rows, failures = await context.store.transact(delete)
    return {"taskDefinitions": [_view(row) for row in rows], "failures": failures}


def _deletable(context: ApiContext, tx: Transaction, named: str) -> TaskDefinition | str:
    """A revision that may be deleted, or the reason of a failure."""
    try:
        arn = revision_arn(context, named)
    except Fault:
        arn = None
    if arn is None:
        return _INVALID
    row = tx.get(TASK_DEFINITIONS, arn)
    if row is None or _is_deleted(tx, row):
        return _UNKNOWN
    return _STILL_ACTIVE if row.status == "ACTIVE" else row


def _is_deleted(state: State, row: TaskDefinition) -> bool:
    """Whether a deletion has come to its end: nothing refers to the revision any more."""
    if row.status != "DELETE_IN_PROGRESS":
        return False
    for service in state.all(SERVICES):
        used = {service.task_definition_arn, *(d.task_definition_arn for d in service.deployments)}
        if service.status != "INACTIVE" and row.arn in used:
            return False
    return all(task.task_definition_arn != row.arn for task in state.by(TASKS, "live", "live"))


@honours("familyPrefix", "status", "sort", "nextToken", "maxResults")
async def list_task_definitions(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """ARNs by family, then by revision as a number. `familyPrefix` is a whole family's name, as on AWS."""
    parameters, snapshot = call.parameters, context.store.snapshot
    status = parameters.get("status", "ACTIVE")
    if status not in _STATUSES:
        raise client(f"status should be one of [{','.join(_STATUSES)}]")
    if parameters.get("sort", "ASC") not in ("ASC", "DESC"):
        raise client("sort should be one of [ASC,DESC]")
    family = parameters.get("familyPrefix")
    rows = snapshot.by(TASK_DEFINITIONS, "family", family) if family else snapshot.all(TASK_DEFINITIONS)
    page = page_of(
        (row for row in rows if row.status == status and not _is_deleted(snapshot, row)),
        parameters,
        key=lambda row: f"{row.family} {row.revision:07d}",
        descending=parameters.get("sort") == "DESC",
    )
    return {"taskDefinitionArns": [row.arn for row in page.rows], "nextToken": page.next_token}


@honours("familyPrefix", "status", "nextToken", "maxResults")
async def list_task_definition_families(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Families; ACTIVE ones have an ACTIVE revision."""
    parameters = call.parameters
    prefix, status = parameters.get("familyPrefix", ""), parameters.get("status", "ALL")
    if status not in ("ACTIVE", "INACTIVE", "ALL"):
        raise client("status should be one of [ACTIVE,INACTIVE,ALL]")
    families: dict[str, bool] = {}
    for row in context.store.snapshot.all(TASK_DEFINITIONS):
        if row.family.startswith(prefix) and row.status != "DELETE_IN_PROGRESS":
            families[row.family] = families.get(row.family, False) or row.status == "ACTIVE"
    wanted = {"ACTIVE": (True,), "INACTIVE": (False,), "ALL": (True, False)}[status]
    page = page_of((name for name, is_active in families.items() if is_active in wanted), parameters)
    return {"families": list(page.rows), "nextToken": page.next_token}


def _view(row: TaskDefinition) -> dict[str, Any]:
    return {
        **row.document,
        "taskDefinitionArn": row.arn,
        "revision": row.revision,
        "status": row.status,
        "registeredAt": row.registered_at,
        "registeredBy": row.registered_by,
        "deregisteredAt": row.deregistered_at,
        "deleteRequestedAt": row.delete_requested_at,
    }


OPERATIONS: Mapping[str, Operation] = {
    "RegisterTaskDefinition": Operation(
        register_task_definition,
        "no Fargate, awsvpc, secrets, environment files, volumes other than host ones, Linux parameters, "
        "ulimits, restart policies, placement constraints; roles are kept, and give no credentials",
    ),
    "DescribeTaskDefinition": Operation(describe_task_definition),
    "DeregisterTaskDefinition": Operation(deregister_task_definition),
    "DeleteTaskDefinitions": Operation(delete_task_definitions),
    "ListTaskDefinitions": Operation(list_task_definitions),
    "ListTaskDefinitionFamilies": Operation(list_task_definition_families),
}
