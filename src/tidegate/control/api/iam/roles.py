"""Roles and the policies inside and attached to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import honours
from tidegate.control.api.iam import finding
from tidegate.control.api.tag_views import tag_list
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import INSTANCE_PROFILES, POLICIES, ROLES
from tidegate.domain.arns import arn_name
from tidegate.domain.iam import Role
from tidegate.wire import Call, Fault

_ATTACHED_MAX = 20


def role_view(row: Role) -> dict[str, Any]:
    """A role as Get and Create show it."""
    view: dict[str, Any] = {
        **role_summary(row),
        "Tags": tag_list(row.tags),
        "RoleLastUsed": {},
    }
    return view


def role_summary(row: Role) -> dict[str, Any]:
    """A role as listings and instance profiles show it."""
    view: dict[str, Any] = {
        "Path": row.path,
        "RoleName": row.name,
        "RoleId": row.id,
        "Arn": row.arn,
        "CreateDate": row.created_at,
        "AssumeRolePolicyDocument": finding.encoded_document(row.assume_role_policy_document),
        "MaxSessionDuration": row.max_session_duration_seconds,
    }
    return view if row.description is None else {**view, "Description": row.description}


@honours("RoleName", "Path", "AssumeRolePolicyDocument", "Description", "MaxSessionDuration", "Tags")
async def create_role(context: ApiContext, call: Call) -> Mapping[str, Any]:
    parameters = call.parameters
    name, path = parameters["RoleName"], parameters.get("Path", "/")
    row = Role(
        id=finding.entity_id(context.ids, "AROA"),
        arn=context.arns.iam("role", name, path),
        name=name,
        path=path,
        assume_role_policy_document=finding.checked_document(parameters["AssumeRolePolicyDocument"]),
        description=parameters.get("Description"),
        max_session_duration_seconds=parameters.get("MaxSessionDuration", 3600),
        created_at=context.clock.now(),
        tags=finding.tags_of(parameters.get("Tags")),
    )

    def create(tx: Transaction) -> None:
        # Names are unique whatever their case.
        if any(known.name.lower() == name.lower() for known in tx.all(ROLES)):
            raise finding.exists("Role", name)
        tx.put(ROLES, row)

    await context.store.transact(create)
    return {"Role": role_view(row)}


@honours("RoleName")
async def get_role(context: ApiContext, call: Call) -> Mapping[str, Any]:
    return {"Role": role_view(finding.role(context.store.snapshot, call.parameters["RoleName"]))}


@honours("PathPrefix", "Marker", "MaxItems")
async def list_roles(context: ApiContext, call: Call) -> Mapping[str, Any]:
    prefix = call.parameters.get("PathPrefix")
    rows = (row for row in context.store.snapshot.all(ROLES) if finding.has_path(row, prefix))
    return finding.page("Roles", rows, call.parameters, key=lambda row: row.name, view=role_summary)


@honours("RoleName", "Description", "MaxSessionDuration")
async def update_role(context: ApiContext, call: Call) -> Mapping[str, Any]:
    parameters = call.parameters

    def update(tx: Transaction) -> None:
        row = finding.role(tx.state, parameters["RoleName"])
        row = replace(
            row,
            description=parameters.get("Description", row.description),
            max_session_duration_seconds=parameters.get(
                "MaxSessionDuration", row.max_session_duration_seconds
            ),
        )
        tx.put(ROLES, row)

    await context.store.transact(update)
    return {}


@honours("RoleName", "Description")
async def update_role_description(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def update(tx: Transaction) -> Role:
        row = finding.role(tx.state, call.parameters["RoleName"])
        row = replace(row, description=call.parameters["Description"])
        tx.put(ROLES, row)
        return row

    return {"Role": role_view(await context.store.transact(update))}


@honours("RoleName", "PolicyDocument")
async def update_assume_role_policy(context: ApiContext, call: Call) -> Mapping[str, Any]:
    document = finding.checked_document(call.parameters["PolicyDocument"])

    def update(tx: Transaction) -> None:
        row = finding.role(tx.state, call.parameters["RoleName"])
        tx.put(ROLES, replace(row, assume_role_policy_document=document))

    await context.store.transact(update)
    return {}


@honours("RoleName")
async def delete_role(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def delete(tx: Transaction) -> None:
        row = finding.role(tx.state, call.parameters["RoleName"])
        if any(row.name in profile.roles for profile in tx.all(INSTANCE_PROFILES)):
            raise finding.delete_conflict("must remove roles from instance profile first.")
        if row.attached_policies:
            raise finding.delete_conflict("must detach all policies first.")
        if row.inline_policies:
            raise finding.delete_conflict("must delete policies first.")
        tx.delete(ROLES, row.name)

    await context.store.transact(delete)
    return {}


@honours("RoleName", "PolicyName", "PolicyDocument")
async def put_role_policy(context: ApiContext, call: Call) -> Mapping[str, Any]:
    document = finding.checked_document(call.parameters["PolicyDocument"])

    def put(tx: Transaction) -> None:
        row = finding.role(tx.state, call.parameters["RoleName"])
        policies = {**row.inline_policies, call.parameters["PolicyName"]: document}
        tx.put(ROLES, replace(row, inline_policies=policies))

    await context.store.transact(put)
    return {}


@honours("RoleName", "PolicyName")
async def get_role_policy(context: ApiContext, call: Call) -> Mapping[str, Any]:
    row = finding.role(context.store.snapshot, call.parameters["RoleName"])
    name = call.parameters["PolicyName"]
    return {
        "RoleName": row.name,
        "PolicyName": name,
        "PolicyDocument": finding.encoded_document(_inline(row, name)),
    }


@honours("RoleName", "PolicyName")
async def delete_role_policy(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def delete(tx: Transaction) -> None:
        row = finding.role(tx.state, call.parameters["RoleName"])
        name = call.parameters["PolicyName"]
        _inline(row, name)
        left = {known: text for known, text in row.inline_policies.items() if known != name}
        tx.put(ROLES, replace(row, inline_policies=left))

    await context.store.transact(delete)
    return {}


def _inline(row: Role, name: str) -> str:
    if name not in row.inline_policies:
        raise finding.no_such_entity(f"The role policy with name {name} cannot be found.")
    return row.inline_policies[name]


@honours("RoleName", "Marker", "MaxItems")
async def list_role_policies(context: ApiContext, call: Call) -> Mapping[str, Any]:
    row = finding.role(context.store.snapshot, call.parameters["RoleName"])
    return finding.page(
        "PolicyNames", row.inline_policies, call.parameters, key=lambda name: name, view=lambda name: name
    )


@honours("RoleName", "PolicyArn")
async def attach_role_policy(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Attaching what is attached already changes nothing."""
    arn = call.parameters["PolicyArn"]

    def attach(tx: Transaction) -> None:
        row = finding.role(tx.state, call.parameters["RoleName"])
        _check_attachable(tx.state, arn)
        if arn in row.attached_policies:
            return
        if len(row.attached_policies) >= _ATTACHED_MAX:
            raise Fault("LimitExceeded", f"Cannot exceed quota for PoliciesPerRole: {_ATTACHED_MAX}")
        tx.put(ROLES, replace(row, attached_policies=(*row.attached_policies, arn)))

    await context.store.transact(attach)
    return {}


def _check_attachable(state: Snapshot, arn: str) -> None:
    if not finding.is_managed_by_aws(arn) and state.get(POLICIES, arn) is None:
        raise finding.no_such_entity(f"Policy {arn} does not exist or is not attachable.")


@honours("RoleName", "PolicyArn")
async def detach_role_policy(context: ApiContext, call: Call) -> Mapping[str, Any]:
    arn = call.parameters["PolicyArn"]

    def detach(tx: Transaction) -> None:
        row = finding.role(tx.state, call.parameters["RoleName"])
        if arn not in row.attached_policies:
            raise finding.no_such_entity(f"Policy {arn} was not found.")
        left = tuple(known for known in row.attached_policies if known != arn)
        tx.put(ROLES, replace(row, attached_policies=left))

    await context.store.transact(detach)
    return {}


@honours("RoleName", "PathPrefix", "Marker", "MaxItems")
async def list_attached_role_policies(context: ApiContext, call: Call) -> Mapping[str, Any]:
    row = finding.role(context.store.snapshot, call.parameters["RoleName"])
    prefix = call.parameters.get("PathPrefix", "/")
    arns = [arn for arn in row.attached_policies if arn.partition(":policy")[2].startswith(prefix)]
    return finding.page(
        "AttachedPolicies",
        arns,
        call.parameters,
        key=lambda arn: arn,
        view=lambda arn: {"PolicyName": arn_name(arn), "PolicyArn": arn},
    )
