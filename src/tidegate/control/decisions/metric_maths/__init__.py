"""Metric maths: expressions over metrics, as GetMetricData and alarms evaluate them."""

from tidegate.control.decisions.metric_maths.evaluation import check_queries, results, spans_asked
from tidegate.control.decisions.metric_maths.values import MathsError, TimeSeries

__all__ = ["MathsError", "TimeSeries", "check_queries", "results", "spans_asked"]
