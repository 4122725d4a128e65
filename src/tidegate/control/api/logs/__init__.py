"""The CloudWatch Logs front end: groups, streams, events."""

from __future__ import annotations

from tidegate.control.api.logs.filter_events import filter_log_events
from tidegate.control.api.logs.get_events import get_log_events
from tidegate.control.api.logs.groups import (
    create_log_group,
    delete_log_group,
    delete_retention_policy,
    describe_log_groups,
    put_retention_policy,
)
from tidegate.control.api.logs.put_events import put_log_events
from tidegate.control.api.logs.streams import create_log_stream, delete_log_stream, describe_log_streams
from tidegate.control.api.logs.tags import (
    list_tags_for_resource,
    list_tags_log_group,
    tag_log_group,
    tag_resource,
    untag_log_group,
    untag_resource,
)
from tidegate.wire import FrontEnd, Operation

_OTHER_RESOURCES = "resources other than log groups"
_LIVE_TAIL = "Tidegate does not serve this operation: `aws logs tail --follow` does without it."
_INSIGHTS = "Tidegate does not serve this operation: there are no Insights queries; use FilterLogEvents."
_METRIC_FILTERS = "Tidegate does not serve this operation: there are no metric filters."

FRONT_END = FrontEnd(
    service="logs",
    operations={
        "CreateLogGroup": Operation(
            create_log_group, partial="KMS keys, classes other than STANDARD and deletion protection"
        ),
        "CreateLogStream": Operation(create_log_stream),
        "DeleteLogGroup": Operation(delete_log_group),
        "DeleteLogStream": Operation(delete_log_stream),
        "DeleteRetentionPolicy": Operation(delete_retention_policy),
        "DescribeLogGroups": Operation(describe_log_groups, partial="linked accounts"),
        "DescribeLogStreams": Operation(describe_log_streams),
        "FilterLogEvents": Operation(filter_log_events, partial="startFromHead false and unmask"),
        "GetLogEvents": Operation(get_log_events, partial="unmask"),
        "ListTagsForResource": Operation(list_tags_for_resource, partial=_OTHER_RESOURCES),
        "ListTagsLogGroup": Operation(list_tags_log_group),
        "PutLogEvents": Operation(put_log_events, partial="entity"),
        "PutRetentionPolicy": Operation(put_retention_policy),
        "TagLogGroup": Operation(tag_log_group),
        "TagResource": Operation(tag_resource, partial=_OTHER_RESOURCES),
        "UntagLogGroup": Operation(untag_log_group),
        "UntagResource": Operation(untag_resource, partial=_OTHER_RESOURCES),
    },
    refusals={
        "StartLiveTail": _LIVE_TAIL,
        **dict.fromkeys(("StartQuery", "StopQuery", "GetQueryResults", "DescribeQueries"), _INSIGHTS),
        **dict.fromkeys(("PutMetricFilter", "DescribeMetricFilters", "DeleteMetricFilter"), _METRIC_FILTERS),
    },
)

__all__ = ["FRONT_END"]
