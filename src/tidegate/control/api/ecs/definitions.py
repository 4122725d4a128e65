"""Task definitions: register, describe, list, deregister."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ecs.definition_document import parse_definition
from tidegate.control.api.ecs.lookup import find_definition, listed, tag_list, tag_map
from tidegate.control.store import Transaction
from tidegate.control.store.tables import TASK_DEFINITIONS
from tidegate.domain.ecs import TaskDefinition
from tidegate.wire import Call, Fault, Operation

_UNABLE = "Unable to describe task definition."


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
    return {"taskDefinition": view(row), "tags": tag_list(row.tags)}


async def describe_task_definition(context: ApiContext, call: Call) -> Mapping[str, Any]:
    row = find_definition(context, context.store.snapshot, call.parameters["taskDefinition"])
    if row is None or row.status == "DELETED":
        raise Fault("ClientException", _UNABLE)
    answer: dict[str, Any] = {"taskDefinition": view(row)}
    if "TAGS" in (call.parameters.get("include") or ()):
        answer["tags"] = tag_list(row.tags)
    return answer


async def deregister_task_definition(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Make a revision INACTIVE; what runs from it goes on."""
    named = call.parameters["taskDefinition"]
    if ":" not in named.rsplit("/", 1)[-1]:
        raise Fault("InvalidParameterException", "Invalid revision number. Number: null")

    def deregister(tx: Transaction) -> TaskDefinition:
        row = find_definition(context, tx, named)
        if row is None or row.status == "DELETED":
            raise Fault("ClientException", "The specified task definition does not exist.")
        if row.status == "ACTIVE":
            row = replace(row, status="INACTIVE", deregistered_at=context.clock.now())
            tx.put(TASK_DEFINITIONS, row)
        return row

    return {"taskDefinition": view(await context.store.transact(deregister))}


async def delete_task_definitions(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Delete INACTIVE revisions; their numbers are not given out again."""

    def delete(tx: Transaction) -> tuple[list[TaskDefinition], list[dict[str, str]]]:
        deleted, failures = [], []
        for named in call.parameters["taskDefinitions"]:
            row = find_definition(context, tx, named)
            if row is None or row.status == "DELETED":
                text = (
                    "The specified task definition does not exist. Specify a valid account, family, revision "
                    "and try again."
                )
                failures.append({"arn": named, "reason": text})
            elif row.status == "ACTIVE":
                text = (
                    "The specified task definition is still in ACTIVE status. Please deregister the target "
                    "and try again."
                )
                failures.append({"arn": row.arn, "reason": text})
            else:
                # The row stays, so that its revision stays taken.
                tx.put(TASK_DEFINITIONS, replace(row, status="DELETED"))
                deleted.append(replace(row, status="DELETE_IN_PROGRESS"))
        return deleted, failures

    rows, failures = await context.store.transact(delete)
    return {"taskDefinitions": [view(row) for row in rows], "failures": failures}


async def list_task_definitions(context: ApiContext, call: Call) -> Mapping[str, Any]:
    parameters = call.parameters
    status, prefix = parameters.get("status") or "ACTIVE", parameters.get("familyPrefix")
    rows = sorted(
        (
            row
            for row in context.store.snapshot.all(TASK_DEFINITIONS)
            if row.status == status and (not prefix or row.family == prefix)
        ),
        key=lambda row: (row.family, row.revision),
        reverse=parameters.get("sort") == "DESC",
    )
    found, token = listed([row.arn for row in rows], parameters)
    return {"taskDefinitionArns": list(found), "nextToken": token}


async def list_task_definition_families(context: ApiContext, call: Call) -> Mapping[str, Any]:
    parameters = call.parameters
    prefix, status = parameters.get("familyPrefix") or "", parameters.get("status") or "ALL"
    families: dict[str, bool] = {}
    for row in context.store.snapshot.all(TASK_DEFINITIONS):
        if row.family.startswith(prefix) and row.status != "DELETED":
            families[row.family] = families.get(row.family, False) or row.status == "ACTIVE"
    names: Iterable[str] = families
    if status != "ALL":
        names = [name for name, is_active in families.items() if is_active == (status == "ACTIVE")]
    found, token = listed(sorted(names), parameters)
    return {"families": list(found), "nextToken": token}


def view(row: TaskDefinition) -> dict[str, Any]:
    """The registered document with what AWS adds to it."""
    described = {
        **row.document,
        "taskDefinitionArn": row.arn,
        "revision": row.revision,
        "status": row.status,
        "registeredAt": row.registered_at,
        "registeredBy": row.registered_by,
    }
    if row.deregistered_at is not None:
        described["deregisteredAt"] = row.deregistered_at
    return described


OPERATIONS: Mapping[str, Operation] = {
    "RegisterTaskDefinition": Operation(
        register_task_definition, "what docs/differences.md lists is refused"
    ),
    "DescribeTaskDefinition": Operation(describe_task_definition),
    "DeregisterTaskDefinition": Operation(deregister_task_definition),
    "DeleteTaskDefinitions": Operation(delete_task_definitions),
    "ListTaskDefinitions": Operation(list_task_definitions),
    "ListTaskDefinitionFamilies": Operation(list_task_definition_families),
}
