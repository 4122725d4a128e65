"""Health checks in a thread and an event loop of their own, so that nothing else delays a probe."""

from tidegate.balancer.health.checker import Checker
from tidegate.balancer.health.record import Record

__all__ = ["Checker", "Record"]
