"""Whether the target groups of a rule behave alike, by the requests that they were given."""

from tidegate.control.decisions.comparison.compare import ComparedGroup, Comparison, Judgement, compare
from tidegate.control.decisions.comparison.intervals import Interval
from tidegate.control.decisions.comparison.seen import PERCENTILES, GroupSeen

__all__ = [
    "PERCENTILES",
    "ComparedGroup",
    "Comparison",
    "GroupSeen",
    "Interval",
    "Judgement",
    "compare",
]
