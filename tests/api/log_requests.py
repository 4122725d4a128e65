"""Requests that CloudWatch Logs' operations serve or refuse for the region's state alone."""

from __future__ import annotations

import time
from typing import Any

_ARN = "arn:aws:logs:us-east-1:000000000000:log-group:shop"


def logs() -> dict[str, dict[str, Any]]:
    now = int(time.time() * 1000)
    stream = {"logGroupName": "shop", "logStreamName": "web/1"}
    span = {"startTime": now - 60_000, "endTime": now + 60_000, "limit": 5}
    return {
        "CreateLogGroup": {"logGroupName": "shop", "tags": {"team": "a"}, "logGroupClass": "STANDARD"},
        "CreateLogStream": stream,
        "PutLogEvents": {
            **stream,
            "logEvents": [{"timestamp": now, "message": "one"}, {"timestamp": now + 1, "message": "two"}],
            "sequenceToken": "tidegate:0:7",
        },
        "GetLogEvents": {**stream, **span, "startFromHead": True},
        "FilterLogEvents": {
            "logGroupIdentifier": _ARN,
            "logStreamNamePrefix": "web/",
            **span,
            "filterPattern": "{ $.a = 1 }",
            "interleaved": True,
        },
        "DescribeLogGroups": {"logGroupNamePrefix": "sh", "limit": 1},
        "DescribeLogStreams": {
            "logGroupName": "shop",
            "orderBy": "LastEventTime",
            "descending": True,
            "limit": 1,
        },
        "PutRetentionPolicy": {"logGroupName": "shop", "retentionInDays": 7},
        "DeleteRetentionPolicy": {"logGroupName": "shop"},
        "TagResource": {"resourceArn": _ARN, "tags": {"a": "b"}},
        "UntagResource": {"resourceArn": _ARN, "tagKeys": ["a"]},
        "ListTagsForResource": {"resourceArn": _ARN},
        "TagLogGroup": {"logGroupName": "shop", "tags": {"a": "b"}},
        "UntagLogGroup": {"logGroupName": "shop", "tags": ["a"]},
        "ListTagsLogGroup": {"logGroupName": "shop"},
        "DeleteLogStream": stream,
        "DeleteLogGroup": {"logGroupName": "shop"},
    }
