"""Shifts and comparisons as answers show them: rates in percent, times in seconds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from tidegate.control.api.tidegate.finding import SplitRule
from tidegate.control.decisions.comparison import Comparison, Interval, Judgement
from tidegate.control.decisions.comparison.compare import Difference, GroupFigures
from tidegate.control.decisions.comparison.texts import findings, verdict
from tidegate.control.decisions.shifts import Reading
from tidegate.domain.elbv2 import WeightedTargetGroup
from tidegate.domain.shift import ERROR_RATE, RESPONSE_TIME, Guard, Shift


def shift(row: Shift, readings: Sequence[Reading] = ()) -> dict[str, Any]:
    return {
        "ShiftId": row.id,
        "RuleArn": row.rule_arn,
        "ListenerArn": row.listener_arn,
        "LoadBalancerArn": row.load_balancer_arn,
        "TargetGroupArn": row.target_group_arn,
        "BaselineTargetGroupArn": row.baseline_arn,
        "Status": row.status,
        "StatusReason": row.reason or None,
        "Steps": [{"Percent": one.percent, "BakeTimeInSeconds": one.bake_seconds} for one in row.steps],
        # People count from one.
        "Step": row.step + 1,
        "StepStartedAt": row.step_began_at,
        "OriginalWeights": _weights(row.original),
        "Weights": _weights(row.weights),
        "Guards": [_guard(one) for one in row.guards],
        "GuardReadings": [_reading(one) for one in readings],
        "WindowInSeconds": row.window_seconds,
        "MinimumRequests": row.requests_min,
        "PatienceInSeconds": row.patience_seconds,
        "CreatedAt": row.created_at,
        "EndedAt": row.ended_at,
        "Events": [{"At": one.at, "Text": one.text} for one in row.events],
    }


def comparison(found: Comparison) -> dict[str, Any]:
    """All but where and when."""
    return {
        "ConfidencePercent": 100 * found.confidence,
        "BaselineTargetGroupArn": found.baseline.group.arn,
        "TargetGroups": [_figures(one, is_baseline=one is found.baseline) for one in found.groups],
        "Judgements": [_judgement(one, found) for one in found.judgements],
        "Verdict": verdict(found),
    }


def place(rule: SplitRule) -> dict[str, Any]:
    return {
        "RuleArn": rule.rule_arn,
        "ListenerArn": rule.listener_arn,
        "LoadBalancerArn": rule.load_balancer_arn,
    }


def _weights(groups: Iterable[WeightedTargetGroup]) -> list[dict[str, Any]]:
    return [{"TargetGroupArn": one.target_group_arn, "Weight": one.weight} for one in groups]


def _guard(guard: Guard) -> dict[str, Any]:
    limit = _shown(guard, guard.limit)
    return {
        "Metric": guard.metric,
        "Percentile": guard.percentile or None,
        # Of the baseline it is a percentage, whatever it is of.
        "Limit": None if guard.is_relative else limit,
        "MoreThanBaseline": 100 * guard.limit if guard.is_relative else None,
    }


def _reading(reading: Reading) -> dict[str, Any]:
    return {
        "Guard": _guard(reading.guard),
        "State": reading.state,
        "Value": _shown(reading.guard, reading.value),
        "Baseline": _shown(reading.guard, reading.baseline),
        "Limit": _shown(reading.guard, reading.limit),
        "Requests": round(reading.requests),
        "Text": reading.text,
    }


def _shown(guard: Guard, amount: float | None) -> float | None:
    if amount is None:
        return None
    return 100 * amount if guard.metric == ERROR_RATE else amount


def _figures(one: GroupFigures, *, is_baseline: bool) -> dict[str, Any]:
    group = one.group
    return {
        "TargetGroupArn": group.arn,
        "TargetGroupName": group.name,
        "IsBaseline": is_baseline,
        "Weight": group.weight,
        "WeightSharePercent": 100 * one.weight_share,
        "Requests": round(group.seen.requests),
        "SharePercent": _interval(one.share, 100),
        "Errors": round(group.seen.errors),
        "ErrorRatePercent": _interval(one.error_rate, 100),
        "ResponseTimes": [
            {"Percentile": name, **(_interval(found) or {})} for name, found in one.response_times.items()
        ],
    }


def _judgement(one: Judgement, found: Comparison) -> dict[str, Any]:
    return {
        "TargetGroupArn": one.group.group.arn,
        "Verdict": one.verdict,
        "Findings": list(findings(one, found)),
        "Differences": [_difference(each) for each in one.differences],
    }


def _difference(one: Difference) -> dict[str, Any]:
    is_rate = one.metric == ERROR_RATE
    scale = 100.0 if is_rate else 1.0
    return {
        "Metric": ERROR_RATE if is_rate else RESPONSE_TIME,
        "Percentile": None if is_rate else one.metric,
        "Difference": _interval(one.interval, scale),
        "Outcome": one.outcome,
        "VisibleDifference": scale * one.effect,
        "RequestsNeeded": one.needed,
    }


def _interval(found: Interval | None, scale: float = 1.0) -> dict[str, Any] | None:
    """A bound that is not known is left out: JSON knows no infinity."""
    if found is None:
        return None
    bounds = {"Value": found.value, "Lower": found.lower, "Upper": found.upper}
    return {name: scale * amount for name, amount in bounds.items() if math.isfinite(amount)}
