"""What CloudWatch knows: metrics, their samples, and alarms on them."""

from tidegate.domain.cloudwatch.alarm import (
    Alarm,
    AlarmActions,
    AlarmDatapoint,
    AlarmHistoryItem,
    AlarmState,
    CompositeAlarm,
    MetricAlarm,
    PendingNotification,
    alarm_type,
    initial_state,
)
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
    "Alarm",
    "AlarmActions",
    "AlarmDatapoint",
    "AlarmHistoryItem",
    "AlarmState",
    "CompositeAlarm",
    "Metric",
    "MetricAlarm",
    "MetricQuery",
    "MetricStat",
    "PendingNotification",
    "Sample",
    "Sketch",
    "Summary",
    "UnknownStatisticError",
    "alarm_type",
    "bucket_of",
    "check_statistic",
    "initial_state",
    "is_percentile",
    "merged",
    "sketch_of",
    "sketched",
    "spread",
    "statistic",
    "together",
    "value",
]
