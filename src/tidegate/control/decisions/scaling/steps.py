"""Step scaling: the step that a metric's distance from the threshold falls into, and what it makes."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from tidegate.domain.scaling import StepAdjustment, StepConfiguration
from tidegate.domain.scaling.policy import EXACT, PERCENT


def chosen_step(steps: Sequence[StepAdjustment], distance: float) -> StepAdjustment | None:
    """The step for a metric that is so far from the alarm's threshold; None where no step is meant.

    An interval includes the bound that is nearer to the threshold.
    """
    for step in steps:
        lower = -inf if step.lower is None else step.lower
        upper = inf if step.upper is None else step.upper
        if (lower <= distance < upper) if distance >= 0 else (lower < distance <= upper):
            return step
    return None


def stepped_count(configuration: StepConfiguration, step: StepAdjustment, count: int) -> int:
    """What a step makes of a count, before it is brought within the bounds."""
    if configuration.adjustment_type == EXACT:
        return step.adjustment
    if configuration.adjustment_type == PERCENT:
        delta = _rounded(count * step.adjustment)
        magnitude = max(abs(delta), configuration.min_adjustment_magnitude or 0)
        return count + (magnitude if step.adjustment >= 0 else -magnitude)
    return count + step.adjustment


def _rounded(hundredths: int) -> int:
    """A number of tasks from hundredths of tasks: towards zero, but never from something to nothing."""
    whole = abs(hundredths) // 100
    if whole == 0 and hundredths:
        whole = 1
    return whole if hundredths >= 0 else -whole
