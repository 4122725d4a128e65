"""Where parts of control report what they measure, and where what was measured is read.

One pair of interfaces, so that whoever measures (agents' telemetry, balancers' reports) and whoever acts on
it (alarms, scaling) know nothing of how samples are kept: `tidegate.control.store.series` keeps them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from tidegate.domain.cloudwatch import Metric, Sample, Summary


class MetricSink(Protocol):
    def take(self, samples: Iterable[Sample]) -> None:
        """Keep samples, and return at once: they are readable and on disk a moment later. Several samples
        of one metric and span become one. What cannot be kept is dropped and counted, never an error.

        Samples of less than a minute are kept for hours, and added to the minute that they begin in; those
        of a minute begin at one.
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


class NoMetrics:
    """An installation that keeps none."""

    def take(self, samples: Iterable[Sample]) -> None:  # noqa: ARG002 - nobody reads them
        return

    async def summaries(
        self,
        metric: Metric,  # noqa: ARG002 - nothing was seen of any
        *,
        begin: int,  # noqa: ARG002
        end: int,  # noqa: ARG002
        period: int,  # noqa: ARG002
        unit: str | None = None,  # noqa: ARG002
    ) -> Mapping[int, Summary]:
        return {}

    async def statistics(
        self,
        metric: Metric,  # noqa: ARG002 - nothing was seen of any
        *,
        begin: int,  # noqa: ARG002
        end: int,  # noqa: ARG002
        period: int,  # noqa: ARG002
        statistic: str,  # noqa: ARG002
        unit: str | None = None,  # noqa: ARG002
    ) -> Mapping[int, float]:
        return {}
