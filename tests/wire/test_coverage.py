"""The coverage page names every operation once, with its state."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tidegate.wire import Call, FrontEnd, Operation
from tidegate.wire.coverage import coverage_page, operation_states, unknown_operations
from tidegate.wire.models import service_model


async def handler(_context: object, _call: Call) -> Mapping[str, Any]:
    return {}


STS = FrontEnd(
    "sts",
    {
        "GetCallerIdentity": Operation(handler),
        "AssumeRole": Operation(handler, partial="policies | and\nsessions are ignored"),
    },
    refusals={"GetFederationToken": "there is no federation."},
)


def test_every_operation_of_the_service_is_on_the_page_exactly_once() -> None:
    section = coverage_page([STS]).partition("## STS")[2]
    for operation in service_model("sts").operation_names:
        assert len(re.findall(rf"\b{operation}\b", section)) == 1, operation


def test_what_is_served_partial_or_refused_says_so() -> None:
    page = coverage_page([STS])
    assert "| GetCallerIdentity | served |  |" in page
    assert "| AssumeRole | partial | policies \\| and sessions are ignored |" in page
    assert "| GetFederationToken | there is no federation. |" in page
    assert "| [STS](#sts) | 1 | 1 | 10 |" in page
    assert "Refused as well: AssumeRoleWithSAML, " in page


def test_front_ends_come_in_the_order_of_their_names_whatever_order_they_are_given_in() -> None:
    fronts = [FrontEnd("sts", {}), FrontEnd("ecs", {}), FrontEnd("elbv2", {})]
    assert coverage_page(fronts) == coverage_page(fronts[::-1])
    assert re.findall(r"^## (.*)$", coverage_page(fronts), re.MULTILINE) == [
        "ECS",
        "Elastic Load Balancing v2",
        "STS",
    ]


def test_an_operation_that_the_service_has_not_is_found() -> None:
    wrong = FrontEnd("sts", {"GetCallerIdentiy": Operation(handler)}, refusals={"MakeCoffee": "no"})
    assert unknown_operations(wrong) == ["GetCallerIdentiy", "MakeCoffee"]
    assert unknown_operations(STS) == []


def test_every_operation_has_a_state_and_what_there_is_to_say_of_it() -> None:
    states = operation_states(STS)
    assert set(states) == set(service_model("sts").operation_names)
    assert states["GetCallerIdentity"] == ("served", "")
    assert states["AssumeRole"] == ("partial", "policies | and\nsessions are ignored")
    assert states["GetFederationToken"] == ("refused", "there is no federation.")
    assert states["AssumeRoleWithSAML"] == ("refused", "")
