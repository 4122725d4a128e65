"""Custom attributes of container instances."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ecs.faults import invalid
from tidegate.control.api.ecs.listing import page_of
from tidegate.control.api.ecs.lookup import described_cluster, find_cluster, instance_arn
from tidegate.control.api.honoured import honours
from tidegate.control.store import Transaction
from tidegate.control.store.tables import CONTAINER_INSTANCES
from tidegate.domain.ecs import Attribute, Cluster, ContainerInstance
from tidegate.wire import Call, Fault, Operation

_NAME = re.compile(r"[a-zA-Z0-9\-_./\\]{1,128}")
_RESERVED = ("ecs.", "com.amazonaws.ecs.")
_PER_CALL_MAX = 10
_PER_INSTANCE_MAX = 10
_TARGET_TYPE = "container-instance"

Change = Callable[[ContainerInstance, Sequence[Mapping[str, Any]]], tuple[Attribute, ...]]


@honours("cluster", "attributes")
async def put_attributes(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Set custom attributes; one of the same name and target is replaced."""
    return await _change(context, call, _with)


@honours("cluster", "attributes")
async def delete_attributes(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Remove custom attributes; one that is not there is no fault."""
    return await _change(context, call, _without)


async def _change(context: ApiContext, call: Call, change: Change) -> Mapping[str, Any]:
    sent = call.parameters["attributes"]
    if not sent:
        raise invalid("attributes can not be empty")
    if len(sent) > _PER_CALL_MAX:
        raise invalid(f"attributes can have at most {_PER_CALL_MAX} items.")
    for attribute in sent:
        _check(attribute)

    def write(tx: Transaction) -> None:
        cluster = find_cluster(context, tx, call.parameters.get("cluster"))
        by_target: dict[str, list[Mapping[str, Any]]] = {}
        for attribute in sent:
            by_target.setdefault(_target(context, cluster, attribute), []).append(attribute)
        for arn, attributes in by_target.items():
            row = tx.get(CONTAINER_INSTANCES, arn)
            if row is None:
                named = attributes[0]["targetId"]
                raise Fault("TargetNotFoundException", f"Could not find {named}")
            tx.put(CONTAINER_INSTANCES, replace(row, attributes=change(row, attributes)))

    await context.store.transact(write)
    return {"attributes": sent}


def _check(attribute: Mapping[str, Any]) -> None:
    name, value = attribute["name"], attribute.get("value")
    if not _NAME.fullmatch(name):
        raise invalid(f"Invalid attribute name '{name}': 1 to 128 letters, digits or - _ . / \\.")
    if name.startswith(_RESERVED):
        raise invalid(
            f"Invalid attribute name '{name}': the prefixes ecs. and com.amazonaws.ecs. are reserved."
        )
    if value is not None and len(value) > 128:
        raise invalid(f"The value of attribute '{name}' can have at most 128 characters.")
    if attribute.get("targetType", _TARGET_TYPE) != _TARGET_TYPE:
        raise invalid(f"targetType should be one of [{_TARGET_TYPE}]")


def _target(context: ApiContext, cluster: Cluster, attribute: Mapping[str, Any]) -> str:
    target = attribute.get("targetId") or ""
    if not target:
        raise invalid("targetId can not be empty")
    if not attribute.get("targetType") and not target.startswith("arn:"):
        raise invalid("targetId must be a full ARN when targetType is not given.")
    return instance_arn(context, cluster, target)


def _with(row: ContainerInstance, sent: Sequence[Mapping[str, Any]]) -> tuple[Attribute, ...]:
    attributes = {one.name: one for one in row.attributes}
    attributes |= {one["name"]: Attribute(name=one["name"], value=one.get("value")) for one in sent}
    if sum(1 for name in attributes if not name.startswith(_RESERVED)) > _PER_INSTANCE_MAX:
        raise Fault(
            "AttributeLimitExceededException",
            f"A container instance can have at most {_PER_INSTANCE_MAX} custom attributes.",
        )
    return tuple(attributes.values())


def _without(row: ContainerInstance, sent: Sequence[Mapping[str, Any]]) -> tuple[Attribute, ...]:
    names = {one["name"] for one in sent}
    return tuple(one for one in row.attributes if one.name not in names)


@honours("cluster", "targetType", "attributeName", "attributeValue", "nextToken", "maxResults")
async def list_attributes(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Attributes of the cluster's instances, by name and value."""
    parameters, snapshot = call.parameters, context.store.snapshot
    if parameters["targetType"] != _TARGET_TYPE:
        raise invalid(f"targetType should be one of [{_TARGET_TYPE}]")
    name, value = parameters.get("attributeName"), parameters.get("attributeValue")
    if value is not None and name is None:
        raise invalid("attributeValue needs attributeName.")
    cluster = described_cluster(context, snapshot, parameters.get("cluster"))
    found = [
        (row.arn, attribute)
        for row in snapshot.by(CONTAINER_INSTANCES, "cluster", cluster.arn)
        for attribute in row.attributes
        if name in (None, attribute.name) and value in (None, attribute.value)
    ]
    page = page_of(found, parameters, key=lambda item: f"{item[1].name} {item[0]}")
    return {
        "attributes": [
            {"name": one.name, "value": one.value, "targetType": _TARGET_TYPE, "targetId": arn}
            for arn, one in page.rows
        ],
        "nextToken": page.next_token,
    }


OPERATIONS: Mapping[str, Operation] = {
    "PutAttributes": Operation(put_attributes),
    "DeleteAttributes": Operation(delete_attributes),
    "ListAttributes": Operation(list_attributes),
}
