"""Managed policies: the account's own, and those of AWS, of which the names are known alone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import honours, unserved
from tidegate.control.api.iam import finding
from tidegate.control.api.tag_views import tag_list
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import POLICIES, ROLES
from tidegate.domain.arns import arn_name
from tidegate.domain.iam import Policy
from tidegate.wire import Call, Fault

_ONLY_VERSION = "v1"
_AWS_PREFIX = "arn:aws:iam::aws:policy"
_AWS_SINCE = datetime(2015, 4, 9, 16, 14, 19, tzinfo=UTC)
# The ones that stacks of containers attach; any other of AWS's may be attached too.
AWS_POLICIES = (
    "AdministratorAccess",
    "AmazonEC2ContainerRegistryReadOnly",
    "AmazonECS_FullAccess",
    "AmazonSSMManagedInstanceCore",
    "CloudWatchLogsFullAccess",
    "service-role/AmazonEC2ContainerServiceAutoscaleRole",
    "service-role/AmazonEC2ContainerServiceEventsRole",
    "service-role/AmazonEC2ContainerServiceforEC2Role",
    "service-role/AmazonEC2ContainerServiceRole",
    "service-role/AmazonECSTaskExecutionRolePolicy",
)


def _managed_by_aws(arn: str) -> Policy:
    """One of AWS's policies, whose document is not kept here."""
    name = arn_name(arn)
    path = arn.removeprefix(_AWS_PREFIX).removesuffix(name)
    return Policy(
        id="ANPA" + hashlib.sha256(arn.encode()).hexdigest()[:17].upper(),
        arn=arn,
        name=name,
        path=path,
        document="",
        created_at=_AWS_SINCE,
    )


def _find(state: Snapshot, arn: str) -> Policy:
    return _managed_by_aws(arn) if finding.is_managed_by_aws(arn) else finding.policy(state, arn)


def _view(state: Snapshot, row: Policy) -> dict[str, Any]:
    view: dict[str, Any] = {
        "PolicyName": row.name,
        "PolicyId": row.id,
        "Arn": row.arn,
        "Path": row.path,
        "DefaultVersionId": _ONLY_VERSION,
        "AttachmentCount": sum(1 for role in state.all(ROLES) if row.arn in role.attached_policies),
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": row.created_at,
        "UpdateDate": row.created_at,
    }
    return view if row.description is None else {**view, "Description": row.description}


def _view_with_tags(state: Snapshot, row: Policy) -> dict[str, Any]:
    return {**_view(state, row), "Tags": tag_list(row.tags)}


@honours("PolicyName", "Path", "PolicyDocument", "Description", "Tags")
async def create_policy(context: ApiContext, call: Call) -> Mapping[str, Any]:
    parameters = call.parameters
    name, path = parameters["PolicyName"], parameters.get("Path", "/")
    row = Policy(
        id=finding.entity_id(context.ids, "ANPA"),
        arn=context.arns.iam("policy", name, path),
        name=name,
        path=path,
        description=parameters.get("Description"),
        document=finding.checked_document(parameters["PolicyDocument"]),
        created_at=context.clock.now(),
        tags=finding.tags_of(parameters.get("Tags")),
    )

    def create(tx: Transaction) -> None:
        if any(known.name.lower() == name.lower() for known in tx.all(POLICIES)):
            text = f"A policy called {name} already exists. Duplicate names are not allowed."
            raise Fault("EntityAlreadyExists", text)
        tx.put(POLICIES, row)

    await context.store.transact(create)
    return {"Policy": _view_with_tags(context.store.snapshot, row)}


@honours("PolicyArn")
async def get_policy(context: ApiContext, call: Call) -> Mapping[str, Any]:
    state = context.store.snapshot
    return {"Policy": _view_with_tags(state, _find(state, call.parameters["PolicyArn"]))}


@honours("PolicyArn", "VersionId")
async def get_policy_version(context: ApiContext, call: Call) -> Mapping[str, Any]:
    row = _find(context.store.snapshot, call.parameters["PolicyArn"])
    version = call.parameters["VersionId"]
    if version != _ONLY_VERSION:
        text = f"Policy {row.arn} version {version} does not exist or is not attachable."
        raise finding.no_such_entity(text)
    if finding.is_managed_by_aws(row.arn):
        raise unserved("iam", "Tidegate does not keep the documents of AWS's managed policies.")
    return {"PolicyVersion": {**_version_view(row), "Document": finding.encoded_document(row.document)}}


@honours("PolicyArn", "Marker", "MaxItems")
async def list_policy_versions(context: ApiContext, call: Call) -> Mapping[str, Any]:
    row = _find(context.store.snapshot, call.parameters["PolicyArn"])
    return finding.page("Versions", [row], call.parameters, key=lambda policy: policy.arn, view=_version_view)


def _version_view(row: Policy) -> dict[str, Any]:
    return {"VersionId": _ONLY_VERSION, "IsDefaultVersion": True, "CreateDate": row.created_at}


@honours("Scope", "OnlyAttached", "PathPrefix", "Marker", "MaxItems")
async def list_policies(context: ApiContext, call: Call) -> Mapping[str, Any]:
    state, parameters = context.store.snapshot, call.parameters
    scope, prefix = parameters.get("Scope", "All"), parameters.get("PathPrefix")
    rows: list[Policy] = list(state.all(POLICIES)) if scope in ("All", "Local") else []
    if scope in ("All", "AWS"):
        rows += [_managed_by_aws(f"{_AWS_PREFIX}/{name}") for name in AWS_POLICIES]
    attached = {arn for role in state.all(ROLES) for arn in role.attached_policies}
    rows = [
        row
        for row in rows
        if finding.has_path(row, prefix) and (not parameters.get("OnlyAttached") or row.arn in attached)
    ]
    return finding.page(
        "Policies", rows, parameters, key=lambda row: row.arn, view=lambda row: _view(state, row)
    )


@honours("PolicyArn", "EntityFilter", "PathPrefix", "Marker", "MaxItems", only={"PolicyUsageFilter": ()})
async def list_entities_for_policy(context: ApiContext, call: Call) -> Mapping[str, Any]:
    state, arn = context.store.snapshot, call.parameters["PolicyArn"]
    _find(state, arn)
    rows = [role for role in state.all(ROLES) if arn in role.attached_policies]
    if call.parameters.get("EntityFilter") not in (None, "Role"):
        rows = []
    listing = finding.page(
        "PolicyRoles",
        rows,
        call.parameters,
        key=lambda role: role.name,
        view=lambda role: {"RoleName": role.name, "RoleId": role.id},
    )
    return {**listing, "PolicyGroups": [], "PolicyUsers": []}


@honours("PolicyArn")
async def delete_policy(context: ApiContext, call: Call) -> Mapping[str, Any]:
    arn = call.parameters["PolicyArn"]

    def delete(tx: Transaction) -> None:
        row = finding.policy(tx.state, arn)
        if any(arn in role.attached_policies for role in tx.all(ROLES)):
            raise finding.delete_conflict("must detach all policies first.")
        tx.delete(POLICIES, row.arn)

    await context.store.transact(delete)
    return {}
