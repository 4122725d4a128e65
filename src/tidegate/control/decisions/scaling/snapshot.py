"""What the scaling decision looks at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from tidegate.domain.scaling import ScalableTarget, ScalingActivity, ScalingPolicy, ScheduledAction


@dataclass(frozen=True, slots=True, kw_only=True)
class Datapoint:
    """`highest`: of it and the others that the alarm was evaluated with; None where it stands alone."""

    at: datetime
    value: float
    highest: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmView:
    """An alarm that is in ALARM. `newest`: the newest datapoint that it was evaluated with; None where
    nothing is known of it."""

    name: str
    threshold: float
    newest: Datapoint | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyView:
    """A policy with those of its alarms that are in ALARM."""

    policy: ScalingPolicy
    alarms: Sequence[AlarmView] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceView:
    """An ACTIVE service. `running`: its tasks that are RUNNING, whichever deployment they are of."""

    desired: int
    running: int
    is_deploying: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingSnapshot:
    """A target with all that concerns it. `service` None: there is none that could be scaled. `zone_of`: a
    zone by its name. `cooldown_scale`: 1, or less where cooldowns are shortened."""

    target: ScalableTarget
    service: ServiceView | None
    zone_of: Callable[[str], tzinfo]
    policies: Sequence[PolicyView] = ()
    actions: Sequence[ScheduledAction] = ()
    open_activities: Sequence[ScalingActivity] = ()
    cooldown_scale: float = 1.0
