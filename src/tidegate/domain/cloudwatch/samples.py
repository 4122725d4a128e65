"""What is measured: a metric, and what was seen of it in a span of time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tidegate.domain.cloudwatch.sketch import Sketch, merged, sketch_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A series' name. `dimensions`: names and values, sorted by name."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()

    @property
    def is_of_task(self) -> bool:
        """It ends with the one task that it is of."""
        return any(name == "TaskId" for name, _ in self.dimensions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Of `count` values. No `sketch`: nothing is known of how they are spread but what is said here."""

    count: float
    sum: float
    minimum: float
    maximum: float
    sketch: Sketch | None = None

    @property
    def average(self) -> float:
        # Counts may be fractions, and ten tenths of 50 are a little less than 50: an alarm at 50 would care.
        return self.minimum if self.minimum == self.maximum else self.sum / self.count


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """`at`: Unix seconds, where the span begins; `seconds`: how long it is. `unit` in CloudWatch's words."""

    metric: Metric
    at: int
    seconds: int
    unit: str
    summary: Summary


def value(amount: float, count: float = 1.0) -> Summary:
    """Of one value, seen `count` times: its spread is known without a sketch."""
    return Summary(count=count, sum=amount * count, minimum=amount, maximum=amount)


def spread(values: dict[float, float]) -> Summary:
    """Of values (one at least) with how often each was seen."""
    count = sum(values.values())
    return Summary(
        count=count,
        sum=sum(amount * times for amount, times in values.items()),
        minimum=min(values),
        maximum=max(values),
        sketch=sketch_of(values),
    )


def together(summaries: Iterable[Summary]) -> Summary:
    """Of one summary at least. A spread that any of them does not know, all together do not know; a summary
    of a single value knows its own."""
    parts = tuple(summaries)
    if len(parts) == 1:
        return parts[0]
    sketches = [sketched(part) for part in parts]
    known = [sketch for sketch in sketches if sketch is not None]
    return Summary(
        count=sum(part.count for part in parts),
        sum=sum(part.sum for part in parts),
        minimum=min(part.minimum for part in parts),
        maximum=max(part.maximum for part in parts),
        sketch=merged(known) if len(known) == len(parts) else None,
    )


def sketched(summary: Summary) -> Sketch | None:
    """How the values are spread, where that is known."""
    if summary.sketch is None and summary.minimum == summary.maximum:
        return sketch_of({summary.minimum: summary.count})
    return summary.sketch
