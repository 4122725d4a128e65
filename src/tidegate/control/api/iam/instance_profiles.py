"""Instance profiles: a role in the form that instances take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import honours
from tidegate.control.api.iam import finding
from tidegate.control.api.iam.roles import role_summary
from tidegate.control.api.tag_views import tag_list
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import INSTANCE_PROFILES, ROLES
from tidegate.domain.iam import InstanceProfile
from tidegate.wire import Call, Fault


def _view(state: Snapshot, row: InstanceProfile) -> dict[str, Any]:
    roles = [state.get(ROLES, name) for name in row.roles]
    return {
        "Path": row.path,
        "InstanceProfileName": row.name,
        "InstanceProfileId": row.id,
        "Arn": row.arn,
        "CreateDate": row.created_at,
        "Roles": [role_summary(role) for role in roles if role is not None],
        "Tags": tag_list(row.tags),
    }


@honours("InstanceProfileName", "Path", "Tags")
async def create_instance_profile(context: ApiContext, call: Call) -> Mapping[str, Any]:
    name, path = call.parameters["InstanceProfileName"], call.parameters.get("Path", "/")
    row = InstanceProfile(
        id=finding.entity_id(context.ids, "AIPA"),
        arn=context.arns.iam("instance-profile", name, path),
        name=name,
        path=path,
        created_at=context.clock.now(),
        tags=finding.tags_of(call.parameters.get("Tags")),
    )

    def create(tx: Transaction) -> None:
        if any(known.name.lower() == name.lower() for known in tx.all(INSTANCE_PROFILES)):
            raise Fault("EntityAlreadyExists", f"Instance Profile {name} already exists.")
        tx.put(INSTANCE_PROFILES, row)

    await context.store.transact(create)
    return {"InstanceProfile": _view(context.store.snapshot, row)}


@honours("InstanceProfileName")
async def get_instance_profile(context: ApiContext, call: Call) -> Mapping[str, Any]:
    state = context.store.snapshot
    row = finding.instance_profile(state, call.parameters["InstanceProfileName"])
    return {"InstanceProfile": _view(state, row)}


@honours("PathPrefix", "Marker", "MaxItems")
async def list_instance_profiles(context: ApiContext, call: Call) -> Mapping[str, Any]:
    state, prefix = context.store.snapshot, call.parameters.get("PathPrefix")
    rows = [row for row in state.all(INSTANCE_PROFILES) if finding.has_path(row, prefix)]
    return finding.page(
        "InstanceProfiles",
        rows,
        call.parameters,
        key=lambda row: row.name,
        view=lambda row: _view(state, row),
    )


@honours("RoleName", "Marker", "MaxItems")
async def list_instance_profiles_for_role(context: ApiContext, call: Call) -> Mapping[str, Any]:
    state = context.store.snapshot
    role = finding.role(state, call.parameters["RoleName"])
    rows = [row for row in state.all(INSTANCE_PROFILES) if role.name in row.roles]
    return finding.page(
        "InstanceProfiles",
        rows,
        call.parameters,
        key=lambda row: row.name,
        view=lambda row: _view(state, row),
    )


@honours("InstanceProfileName", "RoleName")
async def add_role_to_instance_profile(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def add(tx: Transaction) -> None:
        row = finding.instance_profile(tx.state, call.parameters["InstanceProfileName"])
        role = finding.role(tx.state, call.parameters["RoleName"])
        if row.roles:
            text = "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"
            raise Fault("LimitExceeded", text)
        tx.put(INSTANCE_PROFILES, replace(row, roles=(role.name,)))

    await context.store.transact(add)
    return {}


@honours("InstanceProfileName", "RoleName")
async def remove_role_from_instance_profile(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def remove(tx: Transaction) -> None:
        row = finding.instance_profile(tx.state, call.parameters["InstanceProfileName"])
        name = call.parameters["RoleName"]
        if name not in row.roles:
            raise finding.no_such_entity(f"The role with name {name} cannot be found.")
        tx.put(INSTANCE_PROFILES, replace(row, roles=()))

    await context.store.transact(remove)
    return {}


@honours("InstanceProfileName")
async def delete_instance_profile(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def delete(tx: Transaction) -> None:
        row = finding.instance_profile(tx.state, call.parameters["InstanceProfileName"])
        if row.roles:
            raise finding.delete_conflict("must remove roles from instance profile first.")
        tx.delete(INSTANCE_PROFILES, row.name)

    await context.store.transact(delete)
    return {}
