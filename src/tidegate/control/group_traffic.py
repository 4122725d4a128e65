"""What balancers have told of a target group's traffic, read from the metrics."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime

from tidegate.control.decisions.comparison import GroupSeen
from tidegate.control.decisions.shifts import (
    Observed,
    Window,
    baselines,
    is_silent,
    newest,
    whole_step,
)
from tidegate.control.metrics import MetricSource
from tidegate.domain.arns import parse_arn
from tidegate.domain.cloudwatch import Metric, Summary
from tidegate.domain.cloudwatch.samples import sketched, together
from tidegate.domain.shift import Shift

_NAMESPACE = "AWS/ApplicationELB"
# The load balancer's own 5XX are a group's where one of its targets was chosen and gave no answer.
_ERRORS = ("HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count")
# So far back points are read second by second; beyond it, minute by minute.
_FINE_SECONDS = 3_600


async def group_seen(
    source: MetricSource, balancer_arn: str, group_arn: str, *, begin: datetime, end: datetime
) -> GroupSeen:
    """Of what a load balancer sent to a target group in reports that began within this time."""
    dimensions = (("LoadBalancer", _dimension(balancer_arn)), ("TargetGroup", _dimension(group_arn)))
    first, last = math.ceil(begin.timestamp()), math.ceil(end.timestamp())
    is_fine = last - first <= _FINE_SECONDS
    if not is_fine:
        # A minute that began before is not of this time.
        first += -first % 60

    async def read(name: str) -> Iterable[Summary]:
        metric = Metric(namespace=_NAMESPACE, name=name, dimensions=dimensions)
        period = 1 if is_fine else 60
        found: Mapping[int, Summary] = await source.summaries(metric, begin=first, end=last, period=period)
        return found.values()

    times = list(await read("TargetResponseTime"))
    # These are in no other count: AWS counts requests by the target that was chosen.
    lost = _sum(await read("NoTargetRequestCount"))
    return GroupSeen(
        requests=_sum(await read("RequestCount")) + lost,
        errors=sum([_sum(await read(name)) for name in _ERRORS]) + lost,
        times=sketched(together(times)) if times else None,
    )


async def observed(source: MetricSource, shift: Shift, now: datetime) -> Observed:
    """What a shift's guards look at."""

    async def seen(group_arn: str, window: Window) -> GroupSeen:
        return await group_seen(
            source, shift.load_balancer_arn, group_arn, begin=window.begin, end=window.end
        )

    window = newest(shift, now)
    group = await seen(shift.target_group_arn, window)
    longer, has_ceased = whole_step(shift, group, window), False
    if longer is not None:
        whole = await seen(shift.target_group_arn, longer)
        has_ceased = is_silent(group, window, whole, longer)
        window, group = longer, whole
    baseline = await seen(shift.baseline_arn, baselines(shift, window))
    return Observed(group=group, baseline=baseline, is_silent=has_ceased)


def _sum(summaries: Iterable[Summary]) -> float:
    return sum(one.sum for one in summaries)


def _dimension(arn: str) -> str:
    """As AWS names load balancers and target groups in dimensions: the end of their ARN."""
    parsed = parse_arn(arn)
    assert parsed is not None
    return parsed.resource.removeprefix("loadbalancer/")
