"""What operators may know of a running balancer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tidegate.balancer.decisions.traffic.hosts import Standing
from tidegate.balancer.decisions.traffic.metrics import Place
from tidegate.balancer.decisions.traffic.totals import Totals
from tidegate.fleet.loop_lag import LagMeter


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancerHealth:
    """The balancer's own state. `generation`: of the documents of the edge that is in force. `waits_for`:
    what it is not ready for, in words."""

    region: str
    reloads: int
    starts: int
    generation: int
    lag: LagMeter
    dropped_log_lines: int
    lost_log_segments: int
    waiting_reports: int
    has_session: bool
    waits_for: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a scrape tells."""

    totals: Totals
    standings: Mapping[Place, Standing]
    health: BalancerHealth
