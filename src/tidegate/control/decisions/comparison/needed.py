"""How many requests more it takes to tell target groups apart."""

from __future__ import annotations

import math
from statistics import NormalDist

from tidegate.control.decisions.comparison.intervals import Interval, deviations

# A difference is called visible where it is shown in four of five such comparisons.
POWER = 0.8


def requests_needed(
    found: Interval, requests: float, *, effect: float, confidence: float, blur: float = 0.0
) -> int | None:
    """So many more, split as they are, until a difference of `effect` would show; 0: it would have shown.

    `found`: the difference's interval after `requests`, `blur` of it from the instruments, which no number
    of requests makes less. None: it cannot be told, or such an effect would never show.
    """
    half = (found.upper - found.lower) / 2 - blur
    if not math.isfinite(half) or effect <= blur:
        return None
    visible = half * (1 + NormalDist().inv_cdf(POWER) / deviations(confidence))
    # Intervals shrink with the square root.
    return max(0, math.ceil(requests * ((visible / (effect - blur)) ** 2 - 1)))
