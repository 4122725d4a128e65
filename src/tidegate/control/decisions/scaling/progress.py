"""What a pass has decided so far, and the one way in which it moves the desired count."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from tidegate.control.decisions.scaling import texts
from tidegate.domain.scaling import (
    NotScaledReason,
    ScalableTarget,
    ScalingActivity,
    ScalingPolicy,
    ScheduledAction,
)
from tidegate.domain.scaling.activity import FAILED, OVERRIDDEN, SUCCESSFUL


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """`desired` None: there is no service to scale. `activities`: those that are open, and those that are
    new, whose ids are still empty. `policies`, `actions`: those that changed."""

    target: ScalableTarget
    desired: int | None
    activities: tuple[ScalingActivity, ...] = ()
    policies: tuple[ScalingPolicy, ...] = ()
    actions: tuple[ScheduledAction, ...] = ()

    def moved(self, count: int, cause: str, now: datetime) -> Progress:
        """With another desired count, as an activity that overrides those which are not fulfilled."""
        overridden = tuple(
            replace(one, status_code=OVERRIDDEN, ended_at=now) if one.ended_at is None else one
            for one in self.activities
        )
        progress = replace(self, desired=count, activities=overridden)
        return progress._with_activity(
            now,
            description=texts.setting_count(count),
            cause=cause,
            status_message=texts.waiting(count),
            desired_count=count,
        )

    def told(self, description: str, cause: str, message: str, now: datetime, *, is_done: bool) -> Progress:
        """With an activity that has ended already."""
        return self._with_activity(
            now,
            description=description,
            cause=cause,
            status_code=SUCCESSFUL if is_done else FAILED,
            status_message=message,
            ended_at=now,
        )

    def not_scaled(self, reason: NotScaledReason, cause: str, now: datetime) -> Progress:
        return self._with_activity(
            now,
            description=texts.ATTEMPT,
            cause=cause,
            status_code=FAILED,
            ended_at=now,
            reasons=(reason,),
        )

    def _with_activity(self, now: datetime, **members: object) -> Progress:
        target = replace(self.target, activities=self.target.activities + 1)
        activity = ScalingActivity(
            id="",
            resource_id=target.resource_id,
            number=target.activities,
            started_at=now,
            **members,  # type: ignore[arg-type]
        )
        return replace(self, target=target, activities=(*self.activities, activity))
