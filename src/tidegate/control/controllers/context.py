"""What the controllers are given."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tidegate.control.metrics import Metrics
from tidegate.control.settings import RegionSettings
from tidegate.control.store import Store
from tidegate.control.store.logs import LogStore
from tidegate.control.webhooks import NoWebhooks, Webhooks
from tidegate.domain.ids import Ids
from tidegate.domain.time import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlContext:
    """`host_lost_after`: how long a silent agent's host counts as present. `scaling_speed`: how many times
    as fast as on AWS scaling policies act. `metrics`: what alarms look at, and where
    insights go; without it there are none of either. `logs`: where events expire; without it nothing does.
    `webhooks`: how alarms' URLs are told."""

    store: Store
    clock: Clock
    ids: Ids
    settings: RegionSettings
    host_lost_after: timedelta = timedelta(seconds=60)
    scaling_speed: float = 1.0
    started_at: datetime
    metrics: Metrics | None = None
    logs: LogStore | None = None
    webhooks: Webhooks = field(default_factory=NoWebhooks)
