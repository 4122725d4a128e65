"""Health checks in a thread and an event loop of their own, so that nothing else delays a probe."""

from tidegate.balancer.health.checker import Checker

__all__ = ["Checker"]
