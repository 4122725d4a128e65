"""The nouns of Application Auto Scaling."""

from tidegate.domain.scaling.activity import NotScaledReason, ScalingActivity
from tidegate.domain.scaling.policy import (
    AlarmReference,
    ScalingPolicy,
    StepAdjustment,
    StepConfiguration,
    TrackingConfiguration,
)
from tidegate.domain.scaling.scheduled_action import ScheduledAction
from tidegate.domain.scaling.target import Cooldown, ScalableTarget, SuspendedState

__all__ = [
    "AlarmReference",
    "Cooldown",
    "NotScaledReason",
    "ScalableTarget",
    "ScalingActivity",
    "ScalingPolicy",
    "ScheduledAction",
    "StepAdjustment",
    "StepConfiguration",
    "SuspendedState",
    "TrackingConfiguration",
]
