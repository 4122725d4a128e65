"""The CloudWatch front end: metrics and alarms."""

from __future__ import annotations

from tidegate.control.api.cloudwatch.alarm_listing import describe_alarms, describe_alarms_for_metric
from tidegate.control.api.cloudwatch.alarm_states import describe_alarm_history, set_alarm_state
from tidegate.control.api.cloudwatch.alarms import (
    delete_alarms,
    disable_alarm_actions,
    enable_alarm_actions,
    put_composite_alarm,
    put_metric_alarm,
)
from tidegate.control.api.cloudwatch.metric_data import put_metric_data
from tidegate.control.api.cloudwatch.metrics import list_metrics
from tidegate.control.api.cloudwatch.queries import get_metric_data
from tidegate.control.api.cloudwatch.statistics import get_metric_statistics
from tidegate.control.api.cloudwatch.tags import list_tags_for_resource, tag_resource, untag_resource
from tidegate.wire import FrontEnd, Operation

FRONT_END = FrontEnd(
    service="cloudwatch",
    operations={
        "DeleteAlarms": Operation(delete_alarms),
        "DescribeAlarmHistory": Operation(describe_alarm_history, partial="contributors"),
        "DescribeAlarms": Operation(describe_alarms, partial="log alarms: there are none"),
        "DescribeAlarmsForMetric": Operation(describe_alarms_for_metric),
        "DisableAlarmActions": Operation(disable_alarm_actions),
        "EnableAlarmActions": Operation(enable_alarm_actions),
        "GetMetricData": Operation(
            get_metric_data, partial="SEARCH, SELECT, anomaly bands, other accounts and LabelOptions"
        ),
        "GetMetricStatistics": Operation(get_metric_statistics),
        "ListMetrics": Operation(list_metrics, partial="linked accounts"),
        "ListTagsForResource": Operation(list_tags_for_resource),
        "PutCompositeAlarm": Operation(
            put_composite_alarm,
            partial="suppressors, AT_LEAST and actions other than URLs",
        ),
        "PutMetricAlarm": Operation(
            put_metric_alarm,
            partial="anomaly models, PromQL, evaluation windows, warm-up, and actions other than scaling "
            "policies and URLs",
        ),
        "PutMetricData": Operation(put_metric_data, partial="EntityMetricData"),
        "SetAlarmState": Operation(set_alarm_state),
        "TagResource": Operation(tag_resource, partial="resources other than alarms"),
        "UntagResource": Operation(untag_resource, partial="resources other than alarms"),
    },
)

__all__ = ["FRONT_END"]
