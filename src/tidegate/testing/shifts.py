"""Shifts of a test's own, and traffic for their guards to look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tidegate.control.decisions.comparison import ComparedGroup, GroupSeen
from tidegate.control.decisions.shifts import Observed
from tidegate.control.metrics import MetricSink
from tidegate.domain.cloudwatch import Metric, Sample, spread, value
from tidegate.domain.cloudwatch.sketch import sketch_of
from tidegate.domain.elbv2 import WeightedTargetGroup
from tidegate.domain.shift import ERROR_RATE, RESPONSE_TIME, Guard, Shift, ShiftStep
from tidegate.testing.builders import ARNS
from tidegate.testing.clock import EPOCH
from tidegate.testing.load_balancers import a_listener

OLD, NEW = (ARNS.target_group(name, f"{number:016x}") for number, name in enumerate(("old", "new")))
_NAMESPACE = "AWS/ApplicationELB"
# A first quarter, then everything; a minute each.
STEPS = (ShiftStep(percent=25, bake_seconds=60), ShiftStep(percent=100, bake_seconds=60))


def weights(old: int, new: int) -> tuple[WeightedTargetGroup, ...]:
    pairs = ((OLD, old), (NEW, new))
    return tuple(WeightedTargetGroup(target_group_arn=arn, weight=weight) for arn, weight in pairs)


def a_shift(*guards: Guard, **more: Any) -> Shift:
    """From the old group to the new one by the default rule of `a_listener`, in its first step since the
    epoch."""
    listener = a_listener()
    row = Shift(
        id="shift-1",
        rule_arn=listener.default_rule.arn,
        listener_arn=listener.arn,
        load_balancer_arn=listener.load_balancer_arn,
        target_group_arn=NEW,
        baseline_arn=OLD,
        original=weights(1, 0),
        weights=weights(75, 25),
        steps=STEPS,
        step=0,
        step_began_at=EPOCH,
        guards=guards,
        window_seconds=60,
        requests_min=50,
        patience_seconds=300,
        created_at=EPOCH,
    )
    return replace(row, **more)


def errors_below(share: float, *, is_relative: bool = False) -> Guard:
    return Guard(metric=ERROR_RATE, limit=share, is_relative=is_relative)


def faster_than(limit: float, percentile: str = "p95", *, is_relative: bool = False) -> Guard:
    return Guard(metric=RESPONSE_TIME, percentile=percentile, limit=limit, is_relative=is_relative)


def seen(requests: float = 0, errors: float = 0, *, seconds: float = 0.02, **slow: Any) -> GroupSeen:
    """So many requests, each as long; `slow`: `share` of them takes `slow` seconds."""
    return GroupSeen(
        requests=requests,
        errors=errors,
        times=sketch_of(_times(requests, seconds, **slow)) if requests else None,
    )


def observed(group: GroupSeen, baseline: GroupSeen | None = None) -> Observed:
    return Observed(group=group, baseline=baseline or seen(1000))


def compared(arn: str, weight: int, what: GroupSeen) -> ComparedGroup:
    return ComparedGroup(arn=arn, name=arn.split("/")[1], weight=weight, seen=what)


async def report(sink: MetricSink, at: float, arn: str, requests: int, **how: Any) -> None:
    """What the balancer of `a_load_balancer` tells of a target group; see `samples`."""
    await sink.take(samples(at, ARNS.load_balancer("web", "1"), arn, requests, **how))


def samples(
    at: float,
    balancer: str,
    group: str,
    requests: int,
    *,
    errors: int = 0,
    unanswered: int = 0,
    lost: int = 0,
    **times: Any,
) -> Iterator[Sample]:
    """Of a target group in the five seconds from `at` on (Unix seconds). Of the requests so many ended as
    `errors` of targets, and so many were `unanswered`; so many more were `lost`: there was no target."""
    counts = {
        "RequestCount": requests,
        "HTTPCode_Target_5XX_Count": errors,
        "HTTPCode_ELB_5XX_Count": unanswered,
        "NoTargetRequestCount": lost,
    }
    found = {name: ("Count", value(1.0, count) if count else value(0.0)) for name, count in counts.items()}
    if requests > unanswered:
        found["TargetResponseTime"] = ("Seconds", spread(_times(requests - unanswered, **times)))
    places = (
        ("LoadBalancer", balancer.partition("loadbalancer/")[2]),
        ("TargetGroup", group.rpartition(":")[2]),
    )
    for name, (unit, summary) in found.items():
        metric = Metric(namespace=_NAMESPACE, name=name, dimensions=places)
        yield Sample(metric=metric, at=int(at), seconds=5, unit=unit, summary=summary)


def _times(
    requests: float, seconds: float = 0.02, *, slow: float = 0.0, share: float = 0.0
) -> dict[float, float]:
    times: dict[float, float] = {seconds: requests * (1 - share)}
    times[slow] = times.get(slow, 0.0) + requests * share
    return {one: count for one, count in times.items() if count}
