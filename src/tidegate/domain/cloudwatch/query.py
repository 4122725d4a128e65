"""What is asked of metrics, by requests and by alarms: statistics of metrics and expressions over them."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.domain.cloudwatch.samples import Metric


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricStat:
    """`statistic` in CloudWatch's words; `period` in seconds; `unit` None: of whatever unit."""

    metric: Metric
    period: int
    statistic: str
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricQuery:
    """One of a list of queries, which others name by its id: of a metric, or an expression."""

    id: str
    stat: MetricStat | None = None
    expression: str = ""
    label: str | None = None
    returns_data: bool = True
    period: int | None = None
