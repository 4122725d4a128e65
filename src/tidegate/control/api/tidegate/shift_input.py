"""A shift as a request describes it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from tidegate.control.api.tidegate import faults
from tidegate.control.decisions.shifts import canary, linear
from tidegate.domain.shift import ERROR_RATE, Guard, ShiftStep

# A minute has enough requests to tell, and is short enough to act upon.
WINDOW_SECONDS, REQUESTS_MIN, PATIENCE_SECONDS = 60, 50, 600
_LIMIT_MAX = 1e6


def steps(parameters: Mapping[str, Any], present: float) -> tuple[ShiftStep, ...]:
    """The steps from the percentage that the group has; raises ValidationException."""
    straight: Any = parameters.get("Linear")
    small: Any = parameters.get("Canary")
    if (straight is None) == (small is None):
        raise faults.invalid("Exactly one of Linear and Canary must be specified.")
    last = parameters.get("UntilPercent", 100)
    if last <= present:
        raise faults.invalid(f"The target group has {present:g} % of the requests already.")
    if straight is not None:
        return linear(present, straight["StepPercent"], straight["BakeTimeInSeconds"], last)
    first = small["CanaryPercent"]
    if first >= last:
        raise faults.invalid("CanaryPercent must be less than UntilPercent.")
    if first <= present:
        raise faults.invalid(f"The target group has {present:g} % already: a canary of {first} % is no step.")
    return canary(present, first, small["BakeTimeInSeconds"], last)


def guards(parameters: Mapping[str, Any]) -> tuple[Guard, ...]:
    """Raises ValidationException."""
    found = tuple(_guard(given) for given in parameters.get("Guards") or ())
    named = [(guard.metric, guard.percentile, guard.is_relative) for guard in found]
    if len(set(named)) < len(named):
        raise faults.invalid("There can be one guard of each kind for a metric.")
    return found


def _guard(given: Mapping[str, Any]) -> Guard:
    metric, percentile = given["Metric"], given.get("Percentile")
    is_rate = metric == ERROR_RATE
    if is_rate == (percentile is not None):
        raise faults.invalid("A guard has a Percentile if, and only if, its Metric is ResponseTime.")
    absolute: Any = given.get("Limit")
    relative: Any = given.get("MoreThanBaseline")
    if (absolute is None) == (relative is None):
        raise faults.invalid("A guard has either a Limit or MoreThanBaseline.")
    amount = float(relative if absolute is None else absolute)
    if not math.isfinite(amount) or not 0 <= amount <= _LIMIT_MAX:
        raise faults.invalid(f"A guard's limit is a number from 0 to {_LIMIT_MAX:.0f}, not {amount}.")
    if absolute is not None and not is_rate and amount == 0:
        raise faults.invalid("A response time's limit is more than 0.")
    if is_rate and amount > 100:
        raise faults.invalid(f"An error rate's limit is a percentage, not {amount:g}.")
    # Percentages all, but for response times in seconds.
    is_seconds = not is_rate and relative is None
    return Guard(
        metric=metric,
        percentile=percentile or "",
        limit=amount if is_seconds else amount / 100,
        is_relative=absolute is None,
    )
