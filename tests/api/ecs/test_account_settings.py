"""Account settings: AWS's defaults hold until the account, a user or a role is given other values."""

from __future__ import annotations

from typing import Any

import pytest

from tidegate.testing.ecs import EcsRegion

INVALID = "InvalidParameterException"
ROOT = "arn:aws:iam::000000000000:root"
CALLER = "arn:aws:iam::000000000000:user/tidegate"
ROLE = "arn:aws:iam::000000000000:role/deployer"


def in_effect(region: EcsRegion, name: str, **more: Any) -> tuple[str, str]:
    """A setting's value and whose it is."""
    (found,) = region.call("list_account_settings", name=name, effectiveSettings=True, **more)["settings"]
    return found["value"], found["principalArn"]


def test_settings_in_effect_are_the_defaults(empty_region: EcsRegion) -> None:
    pages = list(empty_region.client.get_paginator("list_account_settings").paginate(effectiveSettings=True))
    settings = {one["name"]: one["value"] for page in pages for one in page["settings"]}
    assert settings["serviceLongArnFormat"] == settings["taskLongArnFormat"] == "enabled"
    assert settings["containerInsights"] == settings["awsvpcTrunking"] == "disabled"
    assert [len(page["settings"]) for page in pages] == [10, 1]


def test_nothing_has_been_set_at_first(empty_region: EcsRegion) -> None:
    assert empty_region.call("list_account_settings")["settings"] == []


def test_a_default_of_the_account_holds_for_everybody(empty_region: EcsRegion) -> None:
    asked = {"name": "containerInsights", "value": "enhanced"}
    made = empty_region.call("put_account_setting_default", **asked)["setting"]
    assert made == {**asked, "principalArn": ROOT, "type": "user"}
    for principal in (CALLER, ROLE, ROOT):
        found = in_effect(empty_region, "containerInsights", principalArn=principal)
        assert found == ("enhanced", ROOT)
    assert empty_region.call("list_account_settings", principalArn=ROOT)["settings"] == [made]
    assert empty_region.call("list_account_settings")["settings"] == []


def test_a_value_of_ones_own_comes_before_the_accounts(empty_region: EcsRegion) -> None:
    empty_region.call("put_account_setting_default", name="awsvpcTrunking", value="enabled")
    mine = empty_region.call("put_account_setting", name="awsvpcTrunking", value="disabled")["setting"]
    assert mine["principalArn"] == CALLER
    assert in_effect(empty_region, "awsvpcTrunking") == ("disabled", CALLER)
    assert in_effect(empty_region, "awsvpcTrunking", principalArn=ROLE) == ("enabled", ROOT)


def test_a_principal_may_be_named_and_the_root_is_the_account(empty_region: EcsRegion) -> None:
    asked = {"name": "tagResourceAuthorization", "value": "on"}
    empty_region.call("put_account_setting", **asked, principalArn=ROLE)
    assert in_effect(empty_region, asked["name"], principalArn=ROLE) == ("on", ROLE)
    assert in_effect(empty_region, asked["name"]) == ("off", ROOT)
    empty_region.call("put_account_setting", **asked, principalArn=ROOT)
    assert in_effect(empty_region, asked["name"]) == ("on", ROOT)


def test_what_is_deleted_gives_way_to_the_accounts_value(empty_region: EcsRegion) -> None:
    name = "defaultLogDriverMode"
    empty_region.call("put_account_setting", name=name, value="blocking")
    left = empty_region.call("delete_account_setting", name=name)["setting"]
    assert left == {"name": name, "value": "non-blocking", "principalArn": CALLER, "type": "user"}
    assert empty_region.call("list_account_settings")["settings"] == []
    assert empty_region.call("delete_account_setting", name=name)["setting"] == left


def test_settings_are_found_by_name_and_by_value(empty_region: EcsRegion) -> None:
    empty_region.call("put_account_setting", name="fargateFIPSMode", value="enabled")
    empty_region.call("put_account_setting", name="awsvpcTrunking", value="enabled")

    def names(**filters: Any) -> list[str]:
        return [one["name"] for one in empty_region.call("list_account_settings", **filters)["settings"]]

    assert names() == ["awsvpcTrunking", "fargateFIPSMode"]
    assert names(name="fargateFIPSMode", value="enabled") == ["fargateFIPSMode"]
    assert names(name="fargateFIPSMode", value="disabled") == []
    assert names(name="containerInsights", value="disabled", effectiveSettings=True) == ["containerInsights"]


def test_new_clusters_begin_with_the_insights_of_the_account(empty_region: EcsRegion) -> None:
    empty_region.call("put_account_setting_default", name="containerInsights", value="enabled")

    def insights(name: str, **more: Any) -> str:
        made = empty_region.call("create_cluster", clusterName=name, **more)["cluster"]
        (setting,) = made["settings"]
        return str(setting["value"])

    assert insights("shop") == "enabled"
    assert insights("quiet", settings=[{"name": "containerInsights", "value": "disabled"}]) == "disabled"
    empty_region.call("put_account_setting_default", name="containerInsights", value="disabled")
    assert insights("shop") == "enabled"


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"name": "taskLongArnFormat", "value": "disabled"}, "You can no longer disable Long Arn settings"),
        ({"name": "containerInsights", "value": "ENABLED"}, "Invalid setting 'value'"),
        ({"name": "tagResourceAuthorization", "value": "enabled"}, "Invalid setting 'value'"),
        ({"name": "fargateTaskRetirementWaitPeriod", "value": "3"}, "Invalid setting 'value'"),
        (
            {"name": "guardDutyActivate", "value": "on"},
            "guardDutyActivate is read-only: Amazon GuardDuty controls it.",
        ),
    ],
)
def test_a_value_that_aws_does_not_take_is_refused(
    empty_region: EcsRegion, parameters: dict[str, str], message: str
) -> None:
    assert empty_region.refusal("put_account_setting_default", **parameters) == (INVALID, message)
    assert empty_region.call("list_account_settings", principalArn=ROOT)["settings"] == []


def test_a_wait_before_tasks_retire_is_the_root_users_alone(empty_region: EcsRegion) -> None:
    asked = {"name": "fargateTaskRetirementWaitPeriod", "value": "14"}
    expected = "You must use the root user when you set fargateTaskRetirementWaitPeriod."
    assert empty_region.refusal("put_account_setting", **asked) == (INVALID, expected)
    empty_region.call("put_account_setting_default", **asked)
    assert in_effect(empty_region, asked["name"]) == ("14", ROOT)


@pytest.mark.parametrize("operation", ["list_account_settings", "delete_account_setting"])
def test_an_unknown_setting_is_refused(empty_region: EcsRegion, operation: str) -> None:
    code, message = empty_region.refusal(operation, name="colour")
    assert code == INVALID
    assert message.startswith("unknown should be one of [awsvpcTrunking,")


@pytest.mark.parametrize(
    "principal",
    [
        "deployer",
        "arn:aws:iam::111111111111:root",
        "arn:aws:iam::000000000000:group/all",
        "arn:aws:iam::000000000000:root/x",
        "arn:aws:iam::000000000000:user/",
        "arn:aws:iam::000000000000:user/a b",
        f"arn:aws:iam::000000000000:user/{'x' * 65}",
        f"arn:aws:iam::000000000000:role/{'p' * 511}/x",
        "arn:aws:ecs::000000000000:user/x",
    ],
)
def test_a_principal_is_one_of_this_account(empty_region: EcsRegion, principal: str) -> None:
    expected = "Invalid principalArn: it must be the root user, a user or a role of this account."
    assert empty_region.refusal("list_account_settings", principalArn=principal) == (INVALID, expected)


def test_a_principal_may_lie_below_a_path(empty_region: EcsRegion) -> None:
    principal = f"arn:aws:iam::000000000000:role/{'p' * 255}/{'q' * 254}/{'x' * 64}"
    assert empty_region.call("list_account_settings", principalArn=principal)["settings"] == []


def test_a_value_needs_its_name(empty_region: EcsRegion) -> None:
    refused = empty_region.refusal("list_account_settings", value="enabled")
    assert refused == (INVALID, "value needs name.")
