"""Tags of roles, instance profiles and policies: the same three operations for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.iam import finding
from tidegate.control.api.tag_views import tag_list
from tidegate.control.store import Snapshot, Table, Transaction
from tidegate.control.store.tables import INSTANCE_PROFILES, POLICIES, ROLES
from tidegate.wire import Call, Operation


@dataclass(frozen=True, slots=True)
class _Tagged:
    """A kind of resource that carries tags: `member` names it in requests."""

    kind: str
    member: str
    table: Table[Any]
    find: Callable[[Snapshot, str], Any]


_TAGGED = (
    _Tagged("Role", "RoleName", ROLES, finding.role),
    _Tagged("InstanceProfile", "InstanceProfileName", INSTANCE_PROFILES, finding.instance_profile),
    _Tagged("Policy", "PolicyArn", POLICIES, finding.policy),
)


def tag_operations() -> dict[str, Operation]:
    """Tag, untag and list for every kind."""
    operations: dict[str, Operation] = {}
    for tagged in _TAGGED:
        operations[f"Tag{tagged.kind}"] = Operation(_tag(tagged))
        operations[f"Untag{tagged.kind}"] = Operation(_untag(tagged))
        operations[f"List{tagged.kind}Tags"] = Operation(_list(tagged))
    return operations


def _tag(tagged: _Tagged) -> Callable[[ApiContext, Call], Any]:
    async def tag(context: ApiContext, call: Call) -> Mapping[str, Any]:
        added = finding.tags_of(call.parameters["Tags"])

        def change(tx: Transaction) -> None:
            row = tagged.find(tx.state, call.parameters[tagged.member])
            tx.put(tagged.table, replace(row, tags=finding.checked_tags({**row.tags, **added})))

        await context.store.transact(change)
        return {}

    return tag


def _untag(tagged: _Tagged) -> Callable[[ApiContext, Call], Any]:
    async def untag(context: ApiContext, call: Call) -> Mapping[str, Any]:
        removed = set(call.parameters["TagKeys"])

        def change(tx: Transaction) -> None:
            row = tagged.find(tx.state, call.parameters[tagged.member])
            left = {key: value for key, value in row.tags.items() if key not in removed}
            tx.put(tagged.table, replace(row, tags=left))

        await context.store.transact(change)
        return {}

    return untag


def _list(tagged: _Tagged) -> Callable[[ApiContext, Call], Any]:
    async def listed(context: ApiContext, call: Call) -> Mapping[str, Any]:
        row = tagged.find(context.store.snapshot, call.parameters[tagged.member])
        return finding.page(
            "Tags",
            tag_list(row.tags),
            call.parameters,
            key=lambda tag: tag["Key"],
            view=lambda tag: tag,
        )

    return listed
