"""`tidegate ab`: what its options mean, how rules are named, and what people read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tidegate.cli import ab_texts
from tidegate.cli.shift_options import OptionError, duration, guards, percent, strategy, whole_percent
from tidegate.cli.split_rules import UnknownRuleError, group_arn, rule_arn
from tidegate.control.api import elbv2, tidegate
from tidegate.control.store import Transaction
from tidegate.control.store.tables import LISTENERS, LOAD_BALANCERS, TARGET_GROUPS
from tidegate.testing.api import Api, api_context
from tidegate.testing.builders import a_group
from tidegate.testing.clock import FakeClock
from tidegate.testing.load_balancers import a_listener, a_load_balancer, forward_to
from tidegate.testing.shifts import NEW, OLD, samples


@pytest.mark.parametrize(
    ("text", "seconds"), [("500ms", 0.5), ("90s", 90), ("1.5m", 90), ("2h", 7200), ("0s", 0)]
)
def test_times_are_read(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (duration, "5"),
        (duration, "-5s"),
        (duration, "5 s"),
        (percent, "5"),
        (percent, "x%"),
        (whole_percent, "0.5%"),
    ],
)
def test_what_is_written_otherwise_is_refused_with_how_it_is_written(
    read: Callable[[str], float], text: str
) -> None:
    with pytest.raises(OptionError, match=r"written as|whole percentages"):
        read(text)


def test_a_strategy_has_a_percentage_and_a_time() -> None:
    assert strategy("10%/1m", None) == {"Linear": {"StepPercent": 10, "BakeTimeInSeconds": 60}}
    assert strategy(None, "5%/90s") == {"Canary": {"CanaryPercent": 5, "BakeTimeInSeconds": 90}}


@pytest.mark.parametrize(
    ("linear", "canary"),
    [
        (None, None),
        ("10%/1m", "10%/1m"),
        ("10%", None),
        ("10/1m", None),
        (None, "10%/x"),
        (None, "10%/100ms"),
    ],
)
def test_a_strategy_that_cannot_be_is_refused(linear: str | None, canary: str | None) -> None:
    with pytest.raises(OptionError):
        strategy(linear, canary)


def test_guards_are_limits_or_beyond_the_baseline() -> None:
    found = guards(["1%", "baseline+0.5%"], {"p50": [], "p95": ["500ms", "baseline+50%"]})
    assert found == [
        {"Metric": "ErrorRate", "Limit": 1.0},
        {"Metric": "ErrorRate", "MoreThanBaseline": 0.5},
        {"Metric": "ResponseTime", "Percentile": "p95", "Limit": 0.5},
        {"Metric": "ResponseTime", "Percentile": "p95", "MoreThanBaseline": 50.0},
    ]
    for errors, times in (["500ms"], {}), ([], {"p95": ["5%"]}), ([], {"p95": ["baseline+5ms"]}):
        with pytest.raises(OptionError):
            guards(errors, times)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def api(clock: FakeClock) -> Api:
    """Load balancer `web` with two listeners; port 80 splits its requests."""
    made = Api(api_context(clock), [tidegate.FRONT_END, elbv2.FRONT_END])

    def found(tx: Transaction) -> None:
        tx.put(LOAD_BALANCERS, a_load_balancer())
        for arn in (OLD, NEW):
            tx.put(TARGET_GROUPS, replace(a_group(), arn=arn, name=arn.split("/")[1]))
        tx.put(LISTENERS, a_listener(80, forward_to(OLD, NEW)))
        tx.put(LISTENERS, a_listener(81))

    asyncio.run(made.context.store.transact(found))
    return made


def test_rules_and_groups_are_named_by_arn_or_by_name(api: Api) -> None:
    client = api.client("elbv2")
    assert rule_arn(client, "arn:anything") == "arn:anything"
    assert rule_arn(client, "web:80") == a_listener(80).arn
    assert group_arn(client, "new") == NEW
    assert group_arn(client, "arn:anything") == "arn:anything"
    with pytest.raises(UnknownRuleError, match="web is not one listener; there are: web:80, web:81"):
        rule_arn(client, "web")
    with pytest.raises(UnknownRuleError, match="web:82 is not one listener"):
        rule_arn(client, "web:82")
    with pytest.raises(UnknownRuleError, match="there is no load balancer shop"):
        rule_arn(client, "shop")
    with pytest.raises(UnknownRuleError, match="there is no target group shop"):
        group_arn(client, "shop")


def test_a_comparison_is_a_table_and_a_verdict(api: Api, clock: FakeClock) -> None:
    at, balancer = clock.now().timestamp() - 5, a_load_balancer().arn
    told = [*samples(at, balancer, OLD, 500), *samples(at, balancer, NEW, 500, errors=100)]
    asyncio.run(api.context.series.take(told))
    found: dict[str, Any] = api.client("tidegate").describe_comparison(RuleArn=a_listener(80).arn)
    lines = list(ab_texts.comparison(found["Comparison"]))
    assert lines[0] == "The last 300 s, with 95 % intervals:"
    heads = ["target group", "weight", "requests", "share", "error rate", "p50", "p95", "p99"]
    assert lines[1].split() == " ".join(heads).split()
    assert lines[2].startswith("old (baseline)  1 (50 %)  500       50 % (46.9 to 53.1)  0 % (0 to 0.762)")
    assert lines[3].startswith("new             1 (50 %)  500       50 % (46.9 to 53.1)  20 % (16.7 to 23.7)")
    assert lines[3].endswith("20 ms (19 to 21)")
    assert lines[5].startswith("new fails more often than old: error rate 20 % against 0 %")


def test_a_comparison_without_traffic_has_dashes(api: Api) -> None:
    found = api.client("tidegate").describe_comparison(RuleArn=a_listener(80).arn)["Comparison"]
    lines = list(ab_texts.comparison(found))
    assert lines[3].split()[-5:] == ["-"] * 5
    assert lines[5].startswith("Not enough data")


def test_a_shift_is_told_with_its_guards_and_its_past(api: Api) -> None:
    client = api.client("tidegate")
    client.start_shift(
        RuleArn=a_listener(80).arn,
        TargetGroupArn=NEW,
        Linear={"StepPercent": 25, "BakeTimeInSeconds": 60},
        Guards=[{"Metric": "ErrorRate", "Limit": 1.0}],
    )
    lines = list(ab_texts.shift(client.describe_shifts()["Shifts"][0]))
    assert lines[0].endswith("IN_PROGRESS  new, 75 % in step 1 of 2")
    assert lines[2] == "  guard error rate: not enough data, it had 0 of the 50 requests needed"
    assert lines[3].endswith("step 1 of 2: 75 % of the requests")
