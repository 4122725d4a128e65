"""Lists of queries as the API and the alarms read them: metrics from their source, expressions evaluated."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from tidegate.control.decisions.metric_maths import TimeSeries, results, spans_asked
from tidegate.control.metrics import MetricSource
from tidegate.domain.cloudwatch import Metric, MetricQuery, MetricStat, Summary

# More would hold the event loop for longer than a few milliseconds.
_SPANS_ON_THE_LOOP = 5_000

# Statistics that grow with the span: all others are the same in a part of it.
_COUNTED = ("Sum", "SampleCount")


async def read_queries(
    source: MetricSource, queries: Sequence[MetricQuery], *, begin: int, end: int
) -> Mapping[str, tuple[TimeSeries, ...]]:
    """The time series of every query that returns data, by its id. Raises MathsError,
    UnknownStatisticError. The queries are checked already."""
    metrics = {
        query.id: await read_metric(source, query.stat, begin=begin, end=end)
        for query in queries
        if query.stat is not None
    }
    evaluate = partial(results, queries, metrics, begin=begin, end=end)
    if spans_asked(queries, begin=begin, end=end) > _SPANS_ON_THE_LOOP:
        return await asyncio.to_thread(evaluate)
    return evaluate()


async def read_metric(source: MetricSource, stat: MetricStat, *, begin: int, end: int) -> TimeSeries:
    points = await source.statistics(
        stat.metric, begin=begin, end=end, period=stat.period, statistic=stat.statistic, unit=stat.unit
    )
    return TimeSeries(points=points, period=stat.period, label=stat.metric.name)


class FullPeriods:
    """A source that is read in spans which stand for `factor` times as long ones: what is counted in them is
    that much more. A policy's target of 1,000 requests a minute means as much in five seconds."""

    def __init__(self, source: MetricSource, factor: float) -> None:
        self._source = source
        self._factor = factor

    async def summaries(
        self, metric: Metric, *, begin: int, end: int, period: int, unit: str | None = None
    ) -> Mapping[int, Summary]:
        found = await self._source.summaries(metric, begin=begin, end=end, period=period, unit=unit)
        return {
            at: replace(one, count=one.count * self._factor, sum=one.sum * self._factor)
            for at, one in found.items()
        }

    async def statistics(
        self, metric: Metric, *, begin: int, end: int, period: int, statistic: str, unit: str | None = None
    ) -> Mapping[int, float]:
        found = await self._source.statistics(
            metric, begin=begin, end=end, period=period, statistic=statistic, unit=unit
        )
        factor = self._factor if statistic in _COUNTED else 1.0
        return {at: value * factor for at, value in found.items()}
