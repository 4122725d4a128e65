"""The configuration of a step scaling policy, with AWS's checks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from tidegate.control.api.application_autoscaling import faults
from tidegate.domain.scaling import StepAdjustment, StepConfiguration
from tidegate.domain.scaling.policy import EXACT, PERCENT

STEPS_MAX = 20


def step_configuration(given: Mapping[str, Any]) -> StepConfiguration:
    """Raises ValidationException, LimitExceededException."""
    if "AdjustmentType" not in given:
        raise faults.invalid("Adjustment type must be specified")
    steps = tuple(_step(one) for one in given.get("StepAdjustments") or ())
    if not steps:
        raise faults.invalid("There must be at least one step adjustment")
    if len(steps) > STEPS_MAX:
        raise faults.limit_exceeded(f"A scaling policy can have at most {STEPS_MAX} step adjustments.")
    _check_intervals(steps)
    _check_amounts(given, steps)
    return StepConfiguration(
        adjustment_type=given["AdjustmentType"],
        steps=steps,
        min_adjustment_magnitude=given.get("MinAdjustmentMagnitude"),
        cooldown_seconds=given.get("Cooldown"),
        metric_aggregation_type=given.get("MetricAggregationType"),
    )


def _step(given: Mapping[str, Any]) -> StepAdjustment:
    return StepAdjustment(
        lower=given.get("MetricIntervalLowerBound"),
        upper=given.get("MetricIntervalUpperBound"),
        adjustment=given["ScalingAdjustment"],
    )


def _check_amounts(given: Mapping[str, Any], steps: Sequence[StepAdjustment]) -> None:
    magnitude = given.get("MinAdjustmentMagnitude")
    if magnitude is not None and given["AdjustmentType"] != PERCENT:
        text = "Minimum adjustment magnitude is only allowed for adjustment type PercentChangeInCapacity"
        raise faults.invalid(text)
    if magnitude is not None and magnitude < 1:
        raise faults.invalid("Minimum adjustment magnitude cannot be less than 1")
    if given.get("Cooldown", 0) < 0:
        raise faults.invalid("Cooldown cannot be less than 0")
    if given["AdjustmentType"] == EXACT and any(step.adjustment < 0 for step in steps):
        raise faults.invalid("Scaling adjustment cannot be less than 0 when adjustment type is ExactCapacity")


def _check_intervals(steps: Sequence[StepAdjustment]) -> None:
    if any(step.lower is None and step.upper is None for step in steps):
        raise faults.invalid("Both lower and upper bounds of a step adjustment cannot be left unspecified")
    if any(_low(step) >= _high(step) for step in steps):
        raise faults.invalid("Lower bound must be less than upper bound for a step adjustment")
    _check_open(steps)
    for before, after in pairwise(sorted(steps, key=_low)):
        if _low(after) < _high(before):
            raise faults.invalid("Step adjustment intervals cannot overlap")
        if _low(after) > _high(before):
            raise faults.invalid("Step adjustment intervals cannot have gaps between them")


def _check_open(steps: Sequence[StepAdjustment]) -> None:
    for side in ("lower", "upper"):
        bounds = [getattr(step, side) for step in steps]
        if bounds.count(None) > 1:
            raise faults.invalid(f"At most one step adjustment may have an unspecified {side} bound")
    lowers, uppers = [step.lower for step in steps], [step.upper for step in steps]
    if None not in lowers and any(bound < 0 for bound in lowers if bound is not None):
        raise faults.invalid(
            "There must be a step adjustment with an unspecified lower bound when one step adjustment has "
            "a negative lower bound"
        )
    if None not in uppers and any(bound > 0 for bound in uppers if bound is not None):
        raise faults.invalid(
            "There must be a step adjustment with an unspecified upper bound when one step adjustment has "
            "a positive upper bound"
        )


def _low(step: StepAdjustment) -> float:
    return -math.inf if step.lower is None else step.lower


def _high(step: StepAdjustment) -> float:
    return math.inf if step.upper is None else step.upper
