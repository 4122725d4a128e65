"""Scaling: what a service's desired count should be, by its bounds, its schedules and its policies."""

from tidegate.control.decisions.scaling.plan import ScalingPlan, plan
from tidegate.control.decisions.scaling.snapshot import AlarmView, Datapoint, PolicyView, ScalingSnapshot

__all__ = ["AlarmView", "Datapoint", "PolicyView", "ScalingPlan", "ScalingSnapshot", "plan"]
