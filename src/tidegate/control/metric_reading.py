"""Lists of queries as the API and the alarms read them: metrics from their source, expressions evaluated."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial

from tidegate.control.decisions.metric_maths import TimeSeries, results, spans_asked
from tidegate.control.metrics import MetricSource
from tidegate.domain.cloudwatch import MetricQuery, MetricStat

# More would hold the event loop for longer than a few milliseconds.
_SPANS_ON_THE_LOOP = 5_000


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
