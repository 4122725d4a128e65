"""Where tasks may run and how they are spread, as requests say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tidegate.control.api.ecs.faults import client, invalid
from tidegate.domain.ecs import PlacementConstraint, PlacementStrategy

_LAUNCH_TYPES = ("EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES")
_CONSTRAINTS_MAX = 10
_STRATEGIES_MAX = 5


def check_launch(parameters: Mapping[str, Any]) -> None:
    """Refuse every launch type but EC2, with the service's texts for definitions that can do no other."""
    launch_type = parameters.get("launchType")
    if launch_type and parameters.get("capacityProviderStrategy"):
        raise invalid(
            "Specifying both a launch type and capacity provider strategy is not supported. Remove one and "
            "try again."
        )
    if parameters.get("capacityProviderStrategy"):
        raise invalid("capacityProviderStrategy: capacity providers are not supported.")
    if launch_type not in (None, "", *_LAUNCH_TYPES):
        raise client(f"launch type should be one of [{','.join(_LAUNCH_TYPES)}]")
    if launch_type == "EXTERNAL":
        raise invalid("launchType: EXTERNAL is not supported, only EC2.")
    if launch_type not in (None, "", "EC2"):
        raise invalid(f"Task definition does not support launch_type {launch_type}.")
    if parameters.get("platformVersion"):
        raise invalid("The platform version must be null when specifying an EC2 launch type.")
    if parameters.get("networkConfiguration"):
        raise invalid("Network Configuration is not valid for the given networkMode of this task definition.")


def constraints(given: Sequence[Mapping[str, Any]] | None) -> tuple[PlacementConstraint, ...]:
    items = given or ()
    if len(items) > _CONSTRAINTS_MAX:
        raise invalid(f"Maximum number of constraints is {_CONSTRAINTS_MAX}.")
    for item in items:
        if item.get("type") == "distinctInstance":
            if item.get("expression"):
                raise invalid("distinctInstance expression should not be specified")
        elif item.get("type") == "memberOf":
            raise invalid("placementConstraints: memberOf is not supported, only distinctInstance.")
        else:
            raise invalid("constraint type should be one of [distinctInstance,memberOf]")
    return tuple(PlacementConstraint(type=item["type"]) for item in items)


def strategy(given: Sequence[Mapping[str, Any]] | None) -> tuple[PlacementStrategy, ...]:
    items = given or ()
    if len(items) > _STRATEGIES_MAX:
        raise invalid(f"Maximum number of strategies is {_STRATEGIES_MAX}.")
    return tuple(_one_strategy(item.get("type"), item.get("field") or None) for item in items)


def _one_strategy(kind: str | None, field: str | None) -> PlacementStrategy:
    if kind == "random":
        if field is not None:
            raise invalid("random field should not be specified")
    elif kind == "binpack":
        if (field or "").lower() not in ("cpu", "memory"):
            raise invalid(f"binpack field '{field or ''}' is invalid.")
    elif kind == "spread":
        if field not in ("instanceId", "host") and not _is_attribute(field):
            raise invalid(f"spread field '{field or ''}' is invalid.")
    else:
        raise invalid("strategy type should be one of [random,spread,binpack]")
    return PlacementStrategy(type=kind, field=field)


def _is_attribute(field: str | None) -> bool:
    prefix, _, name = (field or "").partition(":")
    return prefix == "attribute" and bool(name)
