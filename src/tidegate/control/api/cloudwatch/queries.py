"""GetMetricData: many metrics, and expressions over them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tidegate.control.api.cloudwatch import faults
from tidegate.control.api.cloudwatch.labels import label_of
from tidegate.control.api.cloudwatch.metric_input import check_times, queries_of, span_of
from tidegate.control.api.cloudwatch.point_pages import Page, page_of
from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import honours
from tidegate.control.decisions.metric_maths import MathsError, TimeSeries, check_queries
from tidegate.control.metric_reading import read_queries
from tidegate.domain.cloudwatch import MetricQuery
from tidegate.wire import Call, LargeAnswer

_QUERIES_MAX = 500
DATAPOINTS_MAX = 100_800


@honours("MetricDataQueries", "StartTime", "EndTime", "NextToken", "ScanBy", "MaxDatapoints")
async def get_metric_data(context: ApiContext, call: Call) -> Mapping[str, Any]:
    asked = call.parameters
    queries = _checked(queries_of(asked["MetricDataQueries"], member="MetricDataQueries"))
    check_times(asked["StartTime"], asked["EndTime"])
    size = asked.get("MaxDatapoints", DATAPOINTS_MAX)
    if not 1 <= size <= DATAPOINTS_MAX:
        raise faults.validation(f"The parameter MaxDatapoints must be between 1 and {DATAPOINTS_MAX}.")
    period = min((query.stat.period for query in queries if query.stat is not None), default=60)
    begin, end = span_of(asked["StartTime"], asked["EndTime"], period, context.clock.now())
    try:
        found = await read_queries(context.series, queries, begin=begin, end=end)
    except MathsError as error:
        raise faults.validation(str(error)) from error
    is_ascending = asked.get("ScanBy") == "TimestampAscending"
    listed = list(_listed(context, queries, found, is_ascending=is_ascending))
    scope = repr((queries, begin, end, is_ascending))
    page = page_of([len(points) for _, points in listed], asked.get("NextToken"), size, scope)
    points = sum(last - first for first, last in page.slices)
    if points < LargeAnswer.PARTS_MIN:
        return _answer(listed, page)
    return LargeAnswer(await asyncio.to_thread(_answer, listed, page))


def _checked(queries: tuple[MetricQuery, ...]) -> tuple[MetricQuery, ...]:
    if not 1 <= len(queries) <= _QUERIES_MAX:
        raise faults.validation(f"The parameter MetricDataQueries must have 1 to {_QUERIES_MAX} queries.")
    if not any(query.returns_data for query in queries):
        raise faults.validation("At least one of the MetricDataQueries must return data.")
    try:
        check_queries(queries)
    except MathsError as error:
        raise faults.validation(f"{error}.") from error
    return queries


def _listed(
    context: ApiContext,
    queries: Sequence[MetricQuery],
    found: Mapping[str, tuple[TimeSeries, ...]],
    *,
    is_ascending: bool,
) -> Iterator[tuple[dict[str, Any], list[tuple[int, float]]]]:
    """Every result with all of its points, in the order in which it is scanned."""
    for query in queries:
        for series in found.get(query.id, ()):
            points = series.ordered() if is_ascending else series.ordered()[::-1]
            yield {"Id": query.id, "Label": label_of(query, series, context.settings)}, points


def _answer(listed: Sequence[tuple[dict[str, Any], list[tuple[int, float]]]], page: Page) -> dict[str, Any]:
    results = []
    for (head, points), (first, last) in zip(listed, page.slices, strict=True):
        # What has no points is said once, on the first page.
        if first == last and not (page.is_first and not points):
            continue
        part = points[first:last]
        results.append(
            {
                **head,
                "Timestamps": [datetime.fromtimestamp(at, UTC) for at, _ in part],
                "Values": [point for _, point in part],
                "StatusCode": "Complete" if last == len(points) else "PartialData",
            }
        )
    return {"MetricDataResults": results, "NextToken": page.next_token, "Messages": []}
