"""What CloudWatch knows: metrics and their samples."""

from tidegate.domain.cloudwatch.query import MetricQuery, MetricStat
from tidegate.domain.cloudwatch.samples import Metric, Sample, Summary, sketched, spread, together, value
from tidegate.domain.cloudwatch.sketch import Sketch, bucket_of, merged, sketch_of
from tidegate.domain.cloudwatch.statistics import (
    SIMPLE,
    UnknownStatisticError,
    check_statistic,
    is_percentile,
    statistic,
)

__all__ = [
    "SIMPLE",
    "Metric",
    "MetricQuery",
    "MetricStat",
    "Sample",
    "Sketch",
    "Summary",
    "UnknownStatisticError",
    "bucket_of",
    "check_statistic",
    "is_percentile",
    "merged",
    "sketch_of",
    "sketched",
    "spread",
    "statistic",
    "together",
    "value",
]
