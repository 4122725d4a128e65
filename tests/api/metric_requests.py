"""Requests that CloudWatch's operations serve or refuse for the region's state alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

_METRIC = {"Namespace": "Shop", "MetricName": "Orders", "Dimensions": [{"Name": "Zone", "Value": "a"}]}


def metrics() -> dict[str, dict[str, Any]]:
    end = datetime.now(UTC)
    times = {"StartTime": end - timedelta(hours=1), "EndTime": end}
    stat = {"Metric": _METRIC, "Period": 60, "Stat": "p90", "Unit": "Count"}
    queries = [
        {"Id": "m", "MetricStat": stat, "ReturnData": False},
        {"Id": "e", "Expression": "FILL(m, 0) / 2", "Label": "${MAX}", "Period": 60},
    ]
    return {
        "PutMetricData": {
            "Namespace": "Shop",
            "MetricData": [
                {**{k: v for k, v in _METRIC.items() if k != "Namespace"}, "Value": 1.0, "Timestamp": end},
                {"MetricName": "Sizes", "Values": [1.0, 2.0], "Counts": [1.0, 3.0], "StorageResolution": 1},
                {
                    "MetricName": "Sets",
                    "StatisticValues": {"SampleCount": 2, "Sum": 3, "Minimum": 1, "Maximum": 2},
                },
            ],
        },
        "ListMetrics": {"Namespace": "Shop", "Dimensions": [{"Name": "Zone"}], "RecentlyActive": "PT3H"},
        "GetMetricStatistics": {
            **_METRIC,
            **times,
            "Period": 60,
            "Statistics": ["Sum", "Average"],
            "ExtendedStatistics": ["p99", "tm90", "PR(1:2)"],
        },
        "GetMetricData": {
            **times,
            "MetricDataQueries": queries,
            "ScanBy": "TimestampAscending",
            "MaxDatapoints": 100,
        },
    }


def alarms() -> dict[str, dict[str, Any]]:
    stat = {"Metric": _METRIC, "Period": 60, "Stat": "p90"}
    arn = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:a"
    metric_alarm = {
        **_METRIC,
        "AlarmName": "a",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": 2,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "AlarmActions": ["https://hooks.test/x"],
        "Tags": [{"Key": "a", "Value": "b"}],
    }
    return {
        "PutMetricAlarm": metric_alarm,
        "PutCompositeAlarm": {"AlarmName": "both", "AlarmRule": 'ALARM("a") AND NOT OK(a)'},
        "DescribeAlarms": {"AlarmNames": ["a"], "AlarmTypes": ["MetricAlarm"], "StateValue": "OK"},
        "DescribeAlarmsForMetric": {**_METRIC, "Statistic": "Sum", "Period": 60},
        "DescribeAlarmHistory": {"AlarmName": "a", "MaxRecords": 5, "StartDate": datetime.now(UTC)},
        "SetAlarmState": {
            "AlarmName": "a",
            "StateValue": "ALARM",
            "StateReason": "r",
            "StateReasonData": json.dumps({"stat": stat}),
        },
        "EnableAlarmActions": {"AlarmNames": ["a"]},
        "DisableAlarmActions": {"AlarmNames": ["a"]},
        "TagResource": {"ResourceARN": arn, "Tags": [{"Key": "c", "Value": "d"}]},
        "UntagResource": {"ResourceARN": arn, "TagKeys": ["c"]},
        "ListTagsForResource": {"ResourceARN": arn},
        "DeleteAlarms": {"AlarmNames": ["a"]},
    }
