"""Scheduled actions: what is kept and described of them, and AWS's refusals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tidegate.control.store.tables import SCHEDULED_ACTIONS
from tidegate.testing.api import Api
from tidegate.testing.clock import EPOCH, FakeClock
from tidegate.testing.scaling import RESOURCE, SCALED

BOUNDS = {"MinCapacity": 1, "MaxCapacity": 5}
ACTION = {"Schedule": "rate(1 hour)", "ScalableTargetAction": BOUNDS}
Put = Callable[..., Any]


@pytest.fixture
def put_action(call: Any, register: Any) -> Put:
    register()
    return lambda name="night", **given: call("put_scheduled_action", ScheduledActionName=name, **given)


@pytest.fixture
def described(client: Any) -> Callable[[], list[dict[str, Any]]]:
    return lambda: list(client.describe_scheduled_actions(ServiceNamespace="ecs")["ScheduledActions"])


@pytest.fixture
def next_at(api: Api) -> Callable[[], datetime | None]:
    return lambda: next(api.context.store.snapshot.all(SCHEDULED_ACTIONS)).next_at


def test_an_action_is_described_as_it_was_put(put_action: Put, described: Any, next_at: Any) -> None:
    given = {
        "Schedule": "cron(30 9 ? * MON-FRI *)",
        "Timezone": "America/New_York",
        "StartTime": EPOCH + timedelta(hours=1),
        "EndTime": EPOCH + timedelta(days=30),
        "ScalableTargetAction": BOUNDS,
    }
    assert put_action(**given) == {}
    found = described()[0]
    arn = found.pop("ScheduledActionARN")
    assert arn.startswith("arn:aws:autoscaling:us-east-1:000000000000:scheduledAction:")
    assert arn.endswith(f":resource/ecs/{RESOURCE}:scheduledActionName/night")
    assert found == {**SCALED, **given, "ScheduledActionName": "night", "CreationTime": EPOCH}
    assert next_at() == EPOCH + timedelta(hours=1)


def test_putting_an_action_again_keeps_the_schedule_and_the_bounds_but_not_the_times(
    put_action: Put, described: Any, next_at: Any, clock: FakeClock
) -> None:
    put_action(**ACTION, Timezone="Europe/Berlin", EndTime=EPOCH + timedelta(days=1))
    first = described()[0]
    clock.advance(1800)
    put_action(ScalableTargetAction={"MaxCapacity": 2})
    assert described()[0]["ScalableTargetAction"] == {"MaxCapacity": 2}
    put_action()
    found = described()[0]
    assert found == {
        **{name: value for name, value in first.items() if name not in ("Timezone", "EndTime")},
        "ScalableTargetAction": {"MaxCapacity": 2},
    }
    assert next_at() == EPOCH + timedelta(minutes=90)


SYNTAX = (
    r"Invalid schedule expression. Details: Schedule expressions must have the following syntax: "
    r"rate(<number>\s?(minutes?|hours?|days?)), cron(<cron_expression>) or at(yyyy-MM-dd'T'HH:mm:ss)."
)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({**ACTION, "Schedule": "every day"}, SYNTAX),
        ({**ACTION, "Schedule": "rate(1 week)"}, SYNTAX),
        (
            {**ACTION, "Schedule": "at(2026-01-01T00:00:00Z)"},
            "Invalid schedule expression. Details: Invalid schedule at DateTime expression: "
            "2026-01-01T00:00:00Z",
        ),
        (
            {**ACTION, "Schedule": "rate(0 minutes)"},
            "Invalid schedule frequency. Run for '2026-01-01T00:00:00Z' and '2026-01-01T00:00:00Z' are less "
            "than "
            "60 seconds apart",
        ),
        (
            {**ACTION, "Schedule": "cron(0 0 ? * ? *)"},
            "'?' can only be specified for Day-of-Month or Day-of-Week.",
        ),
        ({**ACTION, "Timezone": "Mars/Olympus"}, "Invalid timezone: Mars/Olympus"),
        ({**ACTION, "Timezone": "../etc/passwd"}, "Invalid timezone: ../etc/passwd"),
        ({**ACTION, "StartTime": EPOCH, "EndTime": EPOCH}, "StartTime must be before EndTime"),
        ({"Schedule": "rate(1 day)"}, "ScalableTargetAction must be set"),
        ({"ScalableTargetAction": BOUNDS}, "Schedule must be set"),
        (
            {"Schedule": "rate(1 day)", "ScalableTargetAction": {}},
            "At least one of minimum capacity and maximum capacity should be provided",
        ),
        (
            {**ACTION, "ScalableTargetAction": {"MinCapacity": 2, "MaxCapacity": 1}},
            "Maximum capacity cannot be less than minimum capacity",
        ),
        ({**ACTION, "ScalableTargetAction": {"MinCapacity": -1}}, "Minimum capacity cannot be less than 0"),
        *(
            ({**ACTION, "name": name}, "failed to satisfy constraint: Member must satisfy regular expression")
            for name in (" a", "a ", "a:b", "a/b", "a|b", "a\x01")
        ),
    ],
)
def test_bad_actions_are_refused(put_action: Put, refused: Any, given: dict[str, Any], text: str) -> None:
    with refused("ValidationException", text):
        put_action(**given)


def test_an_action_needs_a_target(call: Any, refused: Any) -> None:
    with refused("ObjectNotFoundException", "No scalable target registered for service namespace: ecs"):
        call("put_scheduled_action", ScheduledActionName="a", **ACTION)


def test_an_action_is_deleted_once(put_action: Put, call: Any, described: Any, refused: Any) -> None:
    put_action(**ACTION)
    call("delete_scheduled_action", ScheduledActionName="night")
    assert described() == []
    with refused("ObjectNotFoundException", "No scheduled action found for service namespace: ecs"):
        call("delete_scheduled_action", ScheduledActionName="night")


def test_two_hundred_actions_are_enough(put_action: Put, refused: Any) -> None:
    for number in range(200):
        put_action(str(number), **ACTION)
    with refused("LimitExceededException"):
        put_action("one more", **ACTION)
    put_action("7", **ACTION)
