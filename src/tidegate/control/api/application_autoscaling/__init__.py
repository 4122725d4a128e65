"""The Application Auto Scaling front end: the desired counts of ECS services."""

from __future__ import annotations

from tidegate.control.api.application_autoscaling import policies, scheduled_actions, tags, targets
from tidegate.wire import FrontEnd

FRONT_END = FrontEnd(
    service="application-autoscaling",
    operations={
        **targets.OPERATIONS,
        **policies.OPERATIONS,
        **scheduled_actions.OPERATIONS,
        **tags.OPERATIONS,
    },
)

__all__ = ["FRONT_END"]
