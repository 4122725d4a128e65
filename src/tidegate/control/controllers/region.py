"""Every controller of a region. Control imports this when its first request is answered."""

from __future__ import annotations

from tidegate.control.controllers.alarms import Alarms
from tidegate.control.controllers.certificates import Certificates
from tidegate.control.controllers.composite_alarms import CompositeAlarms
from tidegate.control.controllers.context import ControlContext
from tidegate.control.controllers.driver import Controller
from tidegate.control.controllers.insights import Insights
from tidegate.control.controllers.instances import Instances
from tidegate.control.controllers.invariants import Invariants
from tidegate.control.controllers.log_groups import LogGroups
from tidegate.control.controllers.notifications import Notifications
from tidegate.control.controllers.retention import Retention
from tidegate.control.controllers.scaling import Scaling
from tidegate.control.controllers.services import Services
from tidegate.control.controllers.shifts import Shifts
from tidegate.control.controllers.targets import Deregistrations, Targets


def controllers(context: ControlContext) -> tuple[Controller, ...]:
    """Every controller of a region."""
    return (
        Services(context),
        Targets(context),
        Deregistrations(context),
        Scaling(context),
        Instances(context),
        Certificates(context),
        *_measuring(context),
        CompositeAlarms(context),
        Notifications(context),
        Retention(context),
        *_keeping_logs(context),
        Invariants(context),
    )


def _measuring(context: ControlContext) -> tuple[Controller, ...]:
    if context.metrics is None:
        return ()
    return (
        Alarms(context, context.metrics),
        Insights(context, context.metrics),
        Shifts(context, context.metrics),
    )


def _keeping_logs(context: ControlContext) -> tuple[Controller, ...]:
    return () if context.logs is None else (LogGroups(context, context.logs),)
