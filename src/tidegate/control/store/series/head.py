"""A series in memory: who it is, and its points that are not in chunks yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tidegate.control.store.series.chunks import Points, add
from tidegate.control.store.series.tiers import FINE, MINUTE, Tier, aligned
from tidegate.domain.cloudwatch import Metric, Sample, Summary

# (tier, where its span begins, what was seen)
Point = tuple[Tier, int, Summary]


@dataclass(frozen=True, slots=True)
class KnownSeries:
    """`last_at`: where the newest point begins, Unix seconds."""

    metric: Metric
    unit: str
    last_at: int


@dataclass(slots=True)
class Delta:
    """Points to be merged into chunks, of the places in the log from `since` to `through`."""

    fine: Points = field(default_factory=dict)
    minutes: Points = field(default_factory=dict)
    since: int = 0
    through: int = 0

    def __bool__(self) -> bool:
        return bool(self.minutes)

    def by_tier(self) -> Iterator[tuple[Tier, Points]]:
        yield FINE, self.fine
        yield MINUTE, self.minutes

    def between(self, begin: int, end: int) -> Iterable[Point]:
        for tier, points in self.by_tier():
            yield from ((tier, at, seen) for at, seen in points.items() if begin <= at < end)


@dataclass(slots=True, eq=False)
class Series:
    """`flushed`: up to where in the log the chunks are. `flushing`: what the writer merges at the moment.
    `dirty_at`: since when (monotonic seconds) the head holds points."""

    id: int
    metric: Metric
    unit: str
    flushed: int = 0
    last_at: int = 0
    fresh: Delta = field(default_factory=Delta)
    flushing: Delta | None = None
    dirty_at: float = 0.0

    def add(self, sample: Sample, position: int) -> None:
        """Put a sample to the head; `position`: its place in the log."""
        if sample.seconds < MINUTE.seconds:
            add(self.fresh.fine, sample.at, sample.summary)
        add(self.fresh.minutes, aligned(sample.at, MINUTE.seconds), sample.summary)
        self.fresh.since = self.fresh.since or position
        self.fresh.through = position
        self.last_at = max(self.last_at, sample.at)

    def begin_flush(self) -> Delta:
        self.flushing, self.fresh = self.fresh, Delta()
        return self.flushing

    def end_flush(self) -> None:
        assert self.flushing is not None
        self.flushed = self.flushing.through
        self.flushing = None

    def undo_flush(self) -> None:
        """The writer could not: the points are the head's again."""
        failed, self.flushing = self.flushing, None
        assert failed is not None
        for (_, into), (_, points) in zip(failed.by_tier(), self.fresh.by_tier(), strict=True):
            for at, summary in points.items():
                add(into, at, summary)
        failed.through = max(failed.through, self.fresh.through)
        self.fresh = failed

    def head(self, begin: int, end: int) -> list[Point]:
        """The points that are in no chunk yet."""
        found = list(self.fresh.between(begin, end))
        if self.flushing is not None:
            found.extend(self.flushing.between(begin, end))
        return found
