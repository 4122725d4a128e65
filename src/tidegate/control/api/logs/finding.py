"""Log groups as requests name them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidegate.control.api.logs import faults
from tidegate.control.store import Snapshot
from tidegate.control.store.tables import LOG_GROUPS
from tidegate.domain.arns import parse_arn
from tidegate.domain.logs import LogGroup

_RESOURCE = "log-group:"


def group_named(state: Snapshot, name: str) -> LogGroup:
    """Raises Fault."""
    row = state.get(LOG_GROUPS, name)
    if row is None:
        raise faults.no_such_group()
    return row


def group_asked(state: Snapshot, asked: Mapping[str, Any]) -> LogGroup:
    """The group of a request that names it, or identifies it by its name or ARN. Raises Fault."""
    name, identifier = asked.get("logGroupName"), asked.get("logGroupIdentifier")
    if name is not None and identifier is not None:
        raise faults.invalid("LogGroup name and LogGroup identifier are mutually exclusive parameters.")
    if name is None and identifier is None:
        raise faults.invalid("LogGroup name or LogGroup identifier is required.")
    return group_named(state, name) if name is not None else group_identified(state, str(identifier))


def group_identified(state: Snapshot, identifier: str) -> LogGroup:
    """By name or ARN. Raises Fault."""
    return (
        group_of_arn(state, identifier) if identifier.startswith("arn:") else group_named(state, identifier)
    )


def group_of_arn(state: Snapshot, arn: str) -> LogGroup:
    """By its ARN, with `:*` at its end or without. Raises Fault."""
    parsed = parse_arn(arn)
    if parsed is None or parsed.service != "logs" or not parsed.resource.startswith(_RESOURCE):
        raise faults.invalid(f"The specified resource ARN is invalid: {arn}")
    row = group_named(state, parsed.resource.removeprefix(_RESOURCE).removesuffix(":*"))
    if row.arn != arn.removesuffix(":*"):
        raise faults.no_such_group()
    return row
