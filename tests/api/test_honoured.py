"""What is not honoured is refused by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import honours
from tidegate.testing.api import api_context
from tidegate.wire import Call, Fault


@honours("Name", only={"Tenancy": ("default",), "Monitored": (False,), "Grade": ("STANDARD",)})
async def create_thing(context: ApiContext, call: Call) -> Mapping[str, Any]:
    return {"Name": call.parameters["Name"], "Region": context.settings.region}


async def _call(**parameters: Any) -> Mapping[str, Any]:
    call = Call(
        service="ec2",
        operation="CreateThing",
        parameters={"Name": "x", **parameters},
        region="us-east-1",
        account="000000000000",
        access_key_id="key",
    )
    return await create_thing(api_context(), call)


@pytest.mark.parametrize(
    "parameters", [{}, {"Tenancy": "default"}, {"Monitored": False}, {"Extras": []}, {"Options": {}}]
)
async def test_honoured_members_spelt_out_defaults_and_empty_ones_pass(parameters: dict[str, Any]) -> None:
    assert await _call(**parameters) == {"Name": "x", "Region": "us-east-1"}


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"Extras": ["y"]}, "Tidegate does not serve the parameter Extras."),
        ({"Tenancy": "dedicated"}, "Tidegate serves the parameter Tenancy with the value default only."),
        ({"Monitored": True}, "Tidegate serves the parameter Monitored with the value false only."),
        ({"Grade": "MINOR"}, "Tidegate serves the parameter Grade with the value STANDARD only."),
    ],
)
async def test_anything_else_is_refused_by_name(parameters: dict[str, Any], text: str) -> None:
    with pytest.raises(Fault) as caught:
        await _call(**parameters)
    assert (caught.value.code, caught.value.message) == ("UnsupportedOperation", text)
