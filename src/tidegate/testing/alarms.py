"""Alarms with good defaults, for tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tidegate.domain.cloudwatch import (
    AlarmActions,
    AlarmState,
    CompositeAlarm,
    Metric,
    MetricAlarm,
    MetricStat,
)
from tidegate.domain.cloudwatch.alarm import OK
from tidegate.testing.clock import EPOCH

ORDERS = Metric(namespace="Shop", name="Orders")


def an_alarm(**more: Any) -> MetricAlarm:
    """In OK, on Orders, above 10 for three of three minutes."""
    base = MetricAlarm(
        name="many-orders",
        arn="arn:aws:cloudwatch:us-east-1:000000000000:alarm:many-orders",
        configured_at=EPOCH,
        actions=AlarmActions(),
        state=AlarmState(value=OK, reason="fine", updated_at=EPOCH, changed_at=EPOCH),
        stat=MetricStat(metric=ORDERS, period=60, statistic="Sum"),
        comparison="GreaterThanThreshold",
        threshold=10.0,
        evaluation_periods=3,
    )
    return replace(base, **more)


def a_composite(rule: str, **more: Any) -> CompositeAlarm:
    base = CompositeAlarm(
        name="trouble",
        arn="arn:aws:cloudwatch:us-east-1:000000000000:alarm:trouble",
        configured_at=EPOCH,
        actions=AlarmActions(),
        state=AlarmState(value=OK, reason="fine", updated_at=EPOCH, changed_at=EPOCH),
        rule=rule,
    )
    return replace(base, **more)
