"""Shifts of a rule's requests: the steps, the guards, and when which step is due."""

from tidegate.control.decisions.shifts.guards import Observed, Reading, readings
from tidegate.control.decisions.shifts.plan import ShiftPlan, begin, plan, stopped
from tidegate.control.decisions.shifts.steps import canary, linear, percent_of
from tidegate.control.decisions.shifts.weights import forwarded, with_weights
from tidegate.control.decisions.shifts.window import Window, baselines, is_silent, newest, whole_step

__all__ = [
    "Observed",
    "Reading",
    "ShiftPlan",
    "Window",
    "baselines",
    "begin",
    "canary",
    "forwarded",
    "is_silent",
    "linear",
    "newest",
    "percent_of",
    "plan",
    "readings",
    "stopped",
    "whole_step",
    "with_weights",
]
