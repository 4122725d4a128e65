"""ListMetrics: what has been measured of late."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from tidegate.control.api.cloudwatch import faults
from tidegate.control.api.cloudwatch.metric_input import metric_view
from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import honours
from tidegate.control.api.paging import InvalidTokenError, Page, paginate
from tidegate.control.store.series import KnownSeries
from tidegate.domain.cloudwatch import Metric
from tidegate.wire import Call

_PAGE_SIZE = 500
_LISTED_FOR = timedelta(days=14)
_RECENT = timedelta(hours=3)


@honours(
    "Namespace",
    "MetricName",
    "Dimensions",
    "NextToken",
    "RecentlyActive",
    only={"IncludeLinkedAccounts": (False,)},
)
async def list_metrics(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Metrics with these dimensions, whatever others they have."""
    asked = call.parameters
    age = _RECENT if "RecentlyActive" in asked else _LISTED_FOR
    since = (context.clock.now() - age).timestamp()
    try:
        # On a thread: there may be tens of thousands, which would hold the loop.
        page = await asyncio.to_thread(_page, context.series.known(), asked, since)
    except InvalidTokenError as error:
        raise faults.invalid_token() from error
    return {"Metrics": [metric_view(metric) for metric in page.rows], "NextToken": page.next_token}


def _page(known: Iterable[KnownSeries], asked: Mapping[str, Any], since: float) -> Page[Metric]:
    """Raises InvalidTokenError."""
    namespace, name, wanted = asked.get("Namespace"), asked.get("MetricName"), asked.get("Dimensions", [])
    found = {
        one.metric
        for one in known
        if one.last_at >= since
        and namespace in (None, one.metric.namespace)
        and name in (None, one.metric.name)
        and _has(one.metric, wanted)
    }
    scope = repr((namespace, name, wanted))
    return paginate(found, key=_key, token=asked.get("NextToken"), size=_PAGE_SIZE, scope=scope)


def _has(metric: Metric, wanted: Sequence[Mapping[str, str]]) -> bool:
    if not wanted:
        return True
    known = dict(metric.dimensions)
    return all(item["Name"] in known and item.get("Value") in (None, known[item["Name"]]) for item in wanted)


def _key(metric: Metric) -> str:
    return repr((metric.namespace, metric.name, metric.dimensions))
