"""Members of RunTask and StartTask: overrides, group, tags, and whether a request repeats another."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from tidegate.control.api.ecs.faults import invalid, refuse_others
from tidegate.control.api.ecs.tag_input import tag_map
from tidegate.control.decisions.task_tags import managed_tags
from tidegate.domain.ecs import Cluster, TaskDefinition

_GROUP = re.compile(r"[a-zA-Z0-9\-_/:.]{1,255}")
_STARTED_BY = re.compile(r"[a-zA-Z0-9\-_/ .:]*")
_OVERRIDES_LENGTH_MAX = 8192
_OF_OVERRIDES = {"containerOverrides"}
_OF_CONTAINER = {"name", "command", "environment", "cpu", "memory", "memoryReservation"}


def check_start(parameters: Mapping[str, Any], started_by_length_max: int) -> None:
    """What RunTask and StartTask refuse alike."""
    if parameters.get("networkConfiguration"):
        raise invalid("Network Configuration is not valid for the given networkMode of this task definition.")
    if parameters.get("enableExecuteCommand"):
        raise invalid("enableExecuteCommand: ECS Exec is not supported.")
    if parameters.get("propagateTags") not in (None, "", "NONE", "TASK_DEFINITION"):
        raise invalid("propagateTags should be one of [TASK_DEFINITION,NONE]")
    started_by = parameters.get("startedBy") or ""
    if len(started_by) > started_by_length_max or not _STARTED_BY.fullmatch(started_by):
        raise invalid(f"startedBy must have up to {started_by_length_max} letters, digits or - _ /.")


def group_of(parameters: Mapping[str, Any], definition: TaskDefinition) -> str:
    group: str = parameters.get("group") or f"family:{definition.family}"
    if group.startswith("service:"):
        # Services alone have tasks of such groups.
        raise invalid("Invalid namespace for group.")
    if not _GROUP.fullmatch(group):
        raise invalid("group must have up to 255 letters, digits or - _ / : .")
    return group


def tags_of(parameters: Mapping[str, Any], cluster: Cluster, definition: TaskDefinition) -> dict[str, str]:
    """Tags of a task: the request's win over the definition's."""
    propagated = definition.tags if parameters.get("propagateTags") == "TASK_DEFINITION" else {}
    managed = managed_tags(cluster.arn) if parameters.get("enableECSManagedTags") else {}
    return {**propagated, **tag_map(parameters.get("tags")), **managed}


def overrides_of(parameters: Mapping[str, Any], definition: TaskDefinition) -> dict[str, Any]:
    """The overrides as a task keeps them."""
    given = parameters.get("overrides") or {}
    if len(json.dumps(given, separators=(",", ":"))) > _OVERRIDES_LENGTH_MAX:
        raise invalid(f"overrides can have at most {_OVERRIDES_LENGTH_MAX} characters.")
    refuse_others(given, _OF_OVERRIDES, {}, lambda text: invalid(f"overrides: {text}"))
    names = {container.name for container in definition.containers}
    kept = []
    for override in given.get("containerOverrides") or ():
        if override.get("name") not in names:
            raise invalid(
                f"Override for container named {override.get('name')} is not a container in the "
                "TaskDefinition."
            )
        refuse_others(override, _OF_CONTAINER, {}, lambda text: invalid(f"containerOverrides: {text}"))
        kept.append(_container_override(override))
    return {"containerOverrides": kept} if kept else {}


def _container_override(given: Mapping[str, Any]) -> dict[str, Any]:
    override = {member: given[member] for member in sorted(_OF_CONTAINER) if given.get(member)}
    for member in ("cpu", "memory", "memoryReservation"):
        if override.get(member, 0) < 0:
            raise invalid(f"Invalid '{member}' of an override. It must be at least 0.")
    if "environment" in override:
        pairs = override["environment"]
        if not all(pair.get("name") for pair in pairs):
            raise invalid("Invalid environment of an override: a variable must have a name.")
        override["environment"] = [{"name": p["name"], "value": p.get("value", "")} for p in pairs]
    return override


def fingerprint(parameters: Mapping[str, Any]) -> str:
    """The same for two requests that ask for the same."""
    asked = {member: value for member, value in parameters.items() if member != "clientToken"}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
