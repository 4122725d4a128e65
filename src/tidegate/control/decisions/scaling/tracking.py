"""Target tracking: how many tasks bring a metric to its target.

The metric is taken for what its type promises: spread over the running tasks, so that twice the tasks
halve it.
"""

from __future__ import annotations

from math import ceil, isfinite

# The low alarm's threshold as a part of the target: what is between the two moves nothing.
LOW_PART = 0.9
# 4 x 0.6 / 0.6 must not become 5 because of the last bit of a float.
_NOISE = 1e-9


def scaled_out(running: int, value: float, target: float) -> int:
    """At least one task more than are running: a high alarm asks for something.

    4 tasks at 90 % for a target of 60 % make 6; at 61 % they make 5.
    """
    return max(running + 1, _proportional(running, value, target))


def scaled_in(running: int, value: float, target: float) -> int:
    """The fewest tasks that the metric predicts to stay at or below the target.

    4 tasks at 30 % for a target of 60 % make 2. 4 tasks at 50 % stay 4: on 3 the metric would be 67 %.
    """
    return min(running, _proportional(running, value, target))


def _proportional(running: int, value: float, target: float) -> int:
    wanted = running * max(0.0, value) / target
    # A count that no service has is clamped by whoever asks; ceil() knows no infinity.
    return ceil(wanted - _NOISE * max(1.0, wanted)) if isfinite(wanted) else 2**31
