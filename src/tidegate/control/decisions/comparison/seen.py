"""What was seen of a target group's traffic in a span of time, and how well its measures are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tidegate.control.decisions.comparison.intervals import Interval, quantile, rate, widened
from tidegate.domain.cloudwatch.sketch import ACCURACY, Sketch

# By their names in answers and guards.
PERCENTILES: Mapping[str, float] = MappingProxyType({"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99})
# HAProxy's log tells whole milliseconds.
RESOLUTION_SECONDS = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSeen:
    """`requests`: for which the group was chosen, those that found no target in it included. `errors`: those
    that ended as a 5xx, the target's own or the load balancer's for want of an answer or of a target.
    `times`: seconds until targets began to answer; None: no target did."""

    requests: float = 0.0
    errors: float = 0.0
    times: Sketch | None = None

    def error_rate(self, confidence: float) -> Interval | None:
        """None: there were no requests."""
        if self.requests <= 0:
            return None
        return rate(min(self.errors, self.requests), self.requests, confidence)

    def response_time(self, percentile: str, confidence: float) -> Interval | None:
        """As it is in the sample, the instrument's error left out. None: no target answered."""
        if self.times is None or self.times.count < 1:
            return None
        return quantile(self.times, PERCENTILES[percentile], confidence)


def blur(*seconds: float) -> float:
    """How wrong these response times may be together: a sketch's buckets have a width, and so has a
    millisecond."""
    return sum(RESOLUTION_SECONDS + ACCURACY * one for one in seconds)


def blurred(interval: Interval) -> Interval:
    """A response time's interval with the instrument's error."""
    return widened(interval, blur(interval.value))
