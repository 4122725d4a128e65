"""What the controllers are given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tidegate.control.settings import RegionSettings
from tidegate.control.store import Store
from tidegate.domain.ids import Ids
from tidegate.domain.time import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlContext:
    """`host_lost_after`: how long a silent agent's host counts as present. `scaling_speed`: how many times
    as fast as on AWS scaling policies act."""

    store: Store
    clock: Clock
    ids: Ids
    settings: RegionSettings
    host_lost_after: timedelta = timedelta(seconds=60)
    scaling_speed: float = 1.0
    started_at: datetime
