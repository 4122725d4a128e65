"""Every operation of ECS's model is served or refused by name; every member of a request as well."""

from __future__ import annotations

import botocore.session
import pytest

from tidegate.control.api.ecs import FRONT_END
from tidegate.testing.ecs import EcsRegion

MODEL = botocore.session.get_session().get_service_model("ecs")
# Families of operations that came with later versions of the model than clients use.
_RECENT = ("Daemon", "Gateway")


def test_what_is_served_is_in_the_model() -> None:
    assert set(FRONT_END.operations) <= set(MODEL.operation_names)


def test_what_is_not_served_says_why() -> None:
    unexplained = [
        name
        for name in MODEL.operation_names
        if name not in FRONT_END.operations
        and name not in FRONT_END.refusals
        and not any(word in name for word in _RECENT)
    ]
    assert unexplained == []


def test_nothing_is_both_served_and_refused() -> None:
    assert not set(FRONT_END.operations) & set(FRONT_END.refusals)


@pytest.mark.parametrize(
    ("operation", "parameters", "why"),
    [
        ("execute_command", {"task": "x", "command": "sh", "interactive": True}, "There is no ECS Exec."),
        (
            "put_cluster_capacity_providers",
            {"cluster": "shop", "capacityProviders": [], "defaultCapacityProviderStrategy": []},
            "There are no capacity providers.",
        ),
        (
            "update_container_agent",
            {"containerInstance": "x"},
            "Agents are a part of Tidegate and are updated with it.",
        ),
    ],
)
def test_an_operation_that_is_not_served_is_refused_by_name(
    empty_region: EcsRegion, operation: str, parameters: dict[str, object], why: str
) -> None:
    name = "".join(word.title() for word in operation.split("_"))
    _, message = empty_region.refusal(operation, **parameters)
    assert message == f"{name}: {why}"
