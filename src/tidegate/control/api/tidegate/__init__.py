"""Tidegate's own front end, beyond AWS: comparisons of target groups on live traffic, and shifts."""

from __future__ import annotations

from tidegate.control.api.tidegate import comparisons, shifts
from tidegate.wire import FrontEnd

FRONT_END = FrontEnd(service="tidegate", operations={**comparisons.OPERATIONS, **shifts.OPERATIONS})

__all__ = ["FRONT_END"]
