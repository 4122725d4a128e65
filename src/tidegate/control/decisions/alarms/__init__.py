"""Alarms: what state a metric, or other alarms, put them in, and what a transition brings with it.

Theory of operation. An alarm looks at its *evaluation range*: the last N periods and two more. Where the
range has N datapoints or more, the newest N decide: M of them beyond the threshold mean ALARM, else OK, and
missing ones mean nothing. Where it has fewer, all that are there count, and the rest is treated as the alarm
says. `breaching` and `notBreaching` fill up to N. With `ignore` nothing changes unless what is there decides;
with `missing` neither, but that an alarm goes off when its oldest datapoint is M periods old and none since
was good; and an empty range is INSUFFICIENT_DATA.

Nothing but the range and the alarm's row decides, so a late datapoint is seen by the next evaluation, and an
evaluation that is repeated changes nothing.
"""

from tidegate.control.decisions.alarms.evaluation import Datapoint, Verdict, evaluate
from tidegate.control.decisions.alarms.rules import RuleError, alarms_in, is_true, parse_rule
from tidegate.control.decisions.alarms.transitions import Transition, transition
from tidegate.control.decisions.alarms.window import Window, next_evaluation, window_of

__all__ = [
    "Datapoint",
    "RuleError",
    "Transition",
    "Verdict",
    "Window",
    "alarms_in",
    "evaluate",
    "is_true",
    "next_evaluation",
    "parse_rule",
    "transition",
    "window_of",
]
