"""Points of metrics as numbers of this moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

# Balancers report every five seconds, and a report takes its way: what is younger may not be whole.
LATE = timedelta(seconds=7)
# Rates are of so many whole periods: of one alone they would jump.
PERIODS = 2


@dataclass(frozen=True, slots=True)
class Wanted:
    """One metric with a statistic."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    statistic: str


@dataclass(frozen=True, slots=True)
class Points:
    """`found`: by metric, the points by where they begin. `at`: of the look."""

    found: Mapping[Wanted, Mapping[datetime, float]]
    at: datetime
    period_seconds: int

    @property
    def _end(self) -> datetime:
        """Where the last whole period ends."""
        whole = self.at - LATE
        seconds = int(whole.timestamp()) % self.period_seconds
        return whole.replace(microsecond=0) - timedelta(seconds=seconds)

    def newest(self, wanted: Wanted) -> float | None:
        """The last point, however old."""
        points = self.found.get(wanted, {})
        return points[max(points)] if points else None

    def recent(self, wanted: Wanted) -> float | None:
        """The last point of the whole periods that rates are of; None where there was none."""
        points = self._last(wanted)
        return points[max(points)] if points else None

    def rate(self, wanted: Wanted) -> float | None:
        """Of sums, a second's: 0 where there was none of late, None where there was none at all."""
        if not self.found.get(wanted):
            return None
        return sum(self._last(wanted).values()) / (PERIODS * self.period_seconds)

    def _last(self, wanted: Wanted) -> Mapping[datetime, float]:
        begin = self._end - timedelta(seconds=PERIODS * self.period_seconds)
        points = self.found.get(wanted, {})
        return {at: value for at, value in points.items() if begin <= at < self._end}
