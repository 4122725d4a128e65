"""The CloudWatch front end: metrics."""

from __future__ import annotations

from tidegate.control.api.cloudwatch.metric_data import put_metric_data
from tidegate.control.api.cloudwatch.metrics import list_metrics
from tidegate.control.api.cloudwatch.queries import get_metric_data
from tidegate.control.api.cloudwatch.statistics import get_metric_statistics
from tidegate.wire import FrontEnd, Operation

FRONT_END = FrontEnd(
    service="cloudwatch",
    operations={
        "GetMetricData": Operation(
            get_metric_data, partial="SEARCH, SELECT, anomaly bands, other accounts and LabelOptions"
        ),
        "GetMetricStatistics": Operation(get_metric_statistics),
        "ListMetrics": Operation(list_metrics, partial="linked accounts"),
        "PutMetricData": Operation(put_metric_data, partial="EntityMetricData"),
    },
)

__all__ = ["FRONT_END"]
