"""Labels of results, with what they may say of the result itself: `${AVG}`, `${PROP('Dim.Zone')}`."""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable, Mapping

from tidegate.control.decisions.metric_maths import TimeSeries
from tidegate.control.settings import RegionSettings
from tidegate.domain.cloudwatch import MetricQuery

_PLACE = re.compile(r"\$\{(?:([A-Z_]+)|PROP\('([A-Za-z]+)(?:\.([^']+))?'\))\}")


def label_of(query: MetricQuery, series: TimeSeries, settings: RegionSettings) -> str:
    """The query's own label, or the metric's name, or the expression's id."""
    default = series.label if query.stat is not None else query.id
    if query.label is None:
        return default
    return _PLACE.sub(lambda found: _place(found, query, series, settings, default), query.label)


def _place(
    found: re.Match[str], query: MetricQuery, series: TimeSeries, settings: RegionSettings, default: str
) -> str:
    word, property_, detail = found.groups()
    if word == "LABEL":
        return default
    if word is not None:
        number = _NUMBERS[word](series) if word in _NUMBERS and series.points else None
        return found[0] if word not in _NUMBERS else "" if number is None else f"{number:g}"
    return _property(query, settings, property_, detail)


def _property(query: MetricQuery, settings: RegionSettings, name: str, detail: str | None) -> str:
    if query.stat is None:
        return ""
    if name == "Dim":
        return dict(query.stat.metric.dimensions).get(detail or "", "")
    known = {
        "AccountId": settings.account,
        "MetricName": query.stat.metric.name,
        "Namespace": query.stat.metric.namespace,
        "Period": str(query.stat.period),
        "Region": settings.region,
        "Stat": query.stat.statistic,
    }
    return known.get(name, "")


_NUMBERS: Mapping[str, Callable[[TimeSeries], float]] = {
    "AVG": lambda series: statistics.fmean(series.points.values()),
    "DATAPOINT_COUNT": lambda series: float(len(series.points)),
    "FIRST": lambda series: series.ordered()[0][1],
    "LAST": lambda series: series.ordered()[-1][1],
    "MAX": lambda series: max(series.points.values()),
    "MIN": lambda series: min(series.points.values()),
    "SUM": lambda series: sum(series.points.values()),
}
