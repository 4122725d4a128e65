"""The ELBv2 front end."""

from tidegate.control.api.elbv2 import listeners, load_balancers, tags, target_groups, targets
from tidegate.wire import FrontEnd

FRONT_END = FrontEnd(
    service="elbv2",
    operations={
        **load_balancers.OPERATIONS,
        **target_groups.OPERATIONS,
        **listeners.OPERATIONS,
        **targets.OPERATIONS,
        **tags.OPERATIONS,
    },
)

__all__ = ["FRONT_END"]
