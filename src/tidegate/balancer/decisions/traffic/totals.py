"""Everything that was counted since the balancer's start, as Prometheus reads it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field

from tidegate.balancer.decisions.traffic.connections import Counters
from tidegate.balancer.decisions.traffic.counting import Figures
from tidegate.balancer.decisions.traffic.metrics import Place
from tidegate.balancer.decisions.traffic.names import Names

# Seconds, as most clients of Prometheus have them.
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# Told as what is open now: a sum of that over time means nothing.
_GAUGE = "ActiveConnectionCount"
_TIMED = "TargetResponseTime"


@dataclass(slots=True)
class Times:
    """`counts`: up to each bound and above the last, each without those below it."""

    counts: list[float] = field(default_factory=lambda: [0.0] * (len(BOUNDS) + 1))
    seconds: float = 0.0

    def add(self, times: Mapping[float, float]) -> None:
        for seconds, count in times.items():
            self.counts[bisect_left(BOUNDS, seconds)] += count
            self.seconds += seconds * count

    def cumulative(self) -> Iterator[tuple[str, float]]:
        """(bound, how many are at most that)."""
        total = 0.0
        for bound, count in zip((*map(str, BOUNDS), "+Inf"), self.counts, strict=True):
            total += count
            yield bound, total


@dataclass(slots=True)
class Totals:
    """`counts` by metric and place; `times` by place; `open_now`: clients' connections, by load balancer."""

    counts: dict[tuple[str, Place], float] = field(default_factory=dict[tuple[str, Place], float])
    times: dict[Place, Times] = field(default_factory=dict[Place, Times])
    open_now: Mapping[str, int] = field(default_factory=dict[str, int])

    def add(self, found: Figures) -> None:
        """One span's figures."""
        for (name, place), count in (*found.counts.items(), *found.amounts.items()):
            if name != _GAUGE:
                self.counts[name, place] = self.counts.get((name, place), 0) + count
        for (name, place), times in found.times.items():
            if name == _TIMED:
                self.times.setdefault(place, Times()).add(times)

    def note_open(self, counted: Mapping[str, Counters], names: Names) -> None:
        open_now: dict[str, int] = {}
        for proxy, counters in counted.items():
            front = names.fronts.get(proxy)
            if front is not None:
                open_now[front.balancer] = open_now.get(front.balancer, 0) + counters.open_now
        self.open_now = open_now

    def keep(self, balancers: Container[str]) -> None:
        """Forget load balancers that are gone."""
        self.counts = {key: one for key, one in self.counts.items() if key[1].balancer in balancers}
        self.times = {place: one for place, one in self.times.items() if place.balancer in balancers}
