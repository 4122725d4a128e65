"""Where parts of control report what they measure, and where what was measured is read.

One pair of interfaces, so that whoever measures (agents' telemetry, balancers' reports) and whoever acts on
it (alarms, scaling) know nothing of how samples are kept: `tidegate.control.store.series` keeps them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Protocol

from tidegate.domain.cloudwatch import Metric, Sample, Summary

_SAMPLES_MAX = 50_000


class MetricSink(Protocol):
    async def take(self, samples: Iterable[Sample], *, source: str | None = None, sequence: int = 0) -> None:
        """Keep samples, and return when that is as durable as it gets; several samples of one metric and
        span become one. Sequences of a `source` grow: one that is not greater than what was taken of it
        comes again, and means nothing. Without a source nothing comes twice.

        Samples of less than a minute are kept for hours, and added to the minute that they begin in; those
        of a minute begin at one. Raises StoreFailedError: a source sends it once more.
        """
        ...


class MetricSource(Protocol):
    async def summaries(
        self, metric: Metric, *, begin: int, end: int, period: int, unit: str | None = None
    ) -> Mapping[int, Summary]:
        """What was seen of a metric in each span of `period` seconds, by where the span begins.

        Spans count from `begin`, the last may reach beyond `end` (both Unix seconds); spans in which nothing
        was seen are absent. Periods of less than a minute see fine samples only. Unit None: values of all
        units together.
        """
        ...

    async def statistics(
        self, metric: Metric, *, begin: int, end: int, period: int, statistic: str, unit: str | None = None
    ) -> Mapping[int, float]:
        """One number for each span: `statistic` in CloudWatch's words (Average, Sum, p99, tm90, ...). Raises
        UnknownStatisticError."""
        ...


class Metrics(MetricSink, MetricSource, Protocol):
    """Both."""


class RecentMetrics:
    """The newest samples, in memory: what those who measure are given where nobody reads."""

    def __init__(self) -> None:
        self.samples: deque[Sample] = deque(maxlen=_SAMPLES_MAX)
        self._taken: dict[str, int] = {}

    async def take(self, samples: Iterable[Sample], *, source: str | None = None, sequence: int = 0) -> None:
        if source is not None:
            if sequence <= self._taken.get(source, -1):
                return
            self._taken[source] = sequence
        self.samples.extend(samples)
