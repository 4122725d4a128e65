"""What is scaled: the desired count of an ECS service, and the bounds within which it moves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tidegate.domain.tags import Tags

NAMESPACE = "ecs"
DIMENSION = "ecs:service:DesiredCount"


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendedState:
    dynamic_scaling_in: bool = False
    dynamic_scaling_out: bool = False
    scheduled_scaling: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cooldown:
    """The wait after an activity of a policy, which its number names. `began_at` None: the activity is not
    fulfilled yet, and the wait has not begun. `from_count`, `to_count`: what the activity changed."""

    activity: int
    from_count: int
    to_count: int
    length: timedelta
    began_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalableTarget:
    """A service's bounds. `resource_id`: `service/CLUSTER/NAME`.

    `is_bounds_new`: its bounds were set through the API, and the desired count has not been brought within
    them yet. `out_cooldown`, `in_cooldown`: of the last scale-out and scale-in that a policy made.
    `activities`: how many there have been, which numbers the next one.
    """

    arn: str
    resource_id: str
    service_arn: str
    min_capacity: int
    max_capacity: int
    role_arn: str
    created_at: datetime
    suspended: SuspendedState = field(default_factory=SuspendedState)
    tags: Tags = field(default_factory=dict)
    is_bounds_new: bool = True
    out_cooldown: Cooldown | None = None
    in_cooldown: Cooldown | None = None
    activities: int = 0
