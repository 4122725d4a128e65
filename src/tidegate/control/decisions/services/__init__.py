"""What a service does next: start, stop, replace, roll back, complete.

Theory of operation. Every pass looks at all live tasks of one service. A task counts as healthy when it
runs and every target group of its deployment reports its target healthy. The window of a rolling
deployment bounds a pass:

    lower = ceil(desired x minimumHealthyPercent / 100)     healthy tasks never fall below it
    upper = floor(desired x maximumPercent / 100)           live tasks never rise above it

Example: desired 4, 100/200: lower 4, upper 8: four new tasks start beside four old ones; as each new one
becomes healthy, one old task may go. Desired 3, 50/150: lower 2, upper 4: one starts, one stops, in turn.

A pass starts what is missing first, and then stops what is not needed: tasks of older deployments, tasks
on draining instances, unhealthy tasks whose replacement stands, and what exceeds the desired count. Tasks
that are protected from scale-in stay meanwhile, and a deployment waits for them. What it does not know (a
balancer that has not probed yet) counts neither as healthy nor as dispensable.
"""

from tidegate.control.decisions.services import history, texts
from tidegate.control.decisions.services.plan import ServicePlan, plan
from tidegate.control.decisions.services.snapshot import ServiceSnapshot, TargetView, TaskView
from tidegate.control.decisions.services.stopping import Stop

__all__ = ["ServicePlan", "ServiceSnapshot", "Stop", "TargetView", "TaskView", "history", "plan", "texts"]
