"""Account settings: the defaults are in effect, and none is set."""

from __future__ import annotations

from tidegate.testing.ecs import EcsRegion


def test_settings_in_effect_are_the_defaults(empty_region: EcsRegion) -> None:
    pages = empty_region.client.get_paginator("list_account_settings").paginate(effectiveSettings=True)
    settings = {one["name"]: one["value"] for page in pages for one in page["settings"]}
    assert settings["serviceLongArnFormat"] == settings["taskLongArnFormat"] == "enabled"
    assert settings["containerInsights"] == settings["awsvpcTrunking"] == "disabled"


def test_one_setting_is_found_by_name(empty_region: EcsRegion) -> None:
    answer = empty_region.call("list_account_settings", name="containerInsights", effectiveSettings=True)
    assert answer["settings"] == [
        {
            "name": "containerInsights",
            "value": "disabled",
            "principalArn": "arn:aws:iam::000000000000:root",
            "type": "user",
        }
    ]


def test_nothing_has_been_set(empty_region: EcsRegion) -> None:
    assert empty_region.call("list_account_settings")["settings"] == []


def test_an_unknown_setting_is_refused(empty_region: EcsRegion) -> None:
    code, message = empty_region.refusal("list_account_settings", name="colour")
    assert code == "InvalidParameterException"
    assert message.startswith("unknown should be one of [awsvpcTrunking,")


def test_a_value_needs_its_name(empty_region: EcsRegion) -> None:
    refused = empty_region.refusal("list_account_settings", value="enabled")
    assert refused == ("InvalidParameterException", "value needs name.")
