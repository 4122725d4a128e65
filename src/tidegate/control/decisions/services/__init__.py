"""What a service does next: start, stop, replace, roll back, complete.

Theory of operation. Every pass looks at all live tasks of one service. A task counts as healthy when it
runs and every target group of its service reports its target healthy. The window of ecs.md's rolling
deployment bounds a pass:

    lower = ceil(desired x minimumHealthyPercent / 100)     healthy tasks never fall below it
    upper = floor(desired x maximumPercent / 100)           live tasks never rise above it

Example: desired 4, 100/200: lower 4, upper 8: four new tasks start beside four old ones; as each new one
becomes healthy, one old task may go. Desired 3, 50/150: lower 2, upper 4: one starts, one stops, in turn.

A pass starts what is missing first, and then stops what is not needed: tasks of older deployments, tasks
on draining instances, unhealthy tasks whose replacement stands, and what exceeds the desired count.
"""

from tidegate.control.decisions.services.plan import ServicePlan, plan
from tidegate.control.decisions.services.snapshot import ServiceSnapshot, TaskView

__all__ = ["ServicePlan", "ServiceSnapshot", "TaskView", "plan"]
