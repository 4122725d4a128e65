"""What node sessions are given."""

from __future__ import annotations

from dataclasses import dataclass, field

from tidegate.control.metrics import MetricSink, RecentMetrics
from tidegate.control.settings import RegionSettings
from tidegate.control.store import Store
from tidegate.domain.ids import Ids
from tidegate.domain.time import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeContext:
    """`metrics`: where what nodes measure is reported."""

    store: Store
    clock: Clock
    ids: Ids
    settings: RegionSettings
    metrics: MetricSink = field(default_factory=RecentMetrics)
