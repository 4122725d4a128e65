"""Log groups, streams and tags, as clients see them."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tidegate.control.api.context import ApiContext
from tidegate.control.store.logs import LogStoreFailedError

from .conftest import Put, Refused

ARN = "arn:aws:logs:us-east-1:000000000000:log-group:shop"


def group(client: Any) -> Any:
    (found,) = client.describe_log_groups(logGroupNamePrefix="shop")["logGroups"]
    return found


def test_a_group_is_described_as_terraform_reads_it(client: Any, now: int) -> None:
    client.create_log_group(logGroupName="shop", tags={"team": "a"})
    assert group(client) == {
        "logGroupName": "shop",
        "creationTime": now,
        "metricFilterCount": 0,
        "arn": f"{ARN}:*",
        "logGroupArn": ARN,
        "storedBytes": 0,
        "logGroupClass": "STANDARD",
        "deletionProtectionEnabled": False,
    }
    assert client.list_tags_for_resource(resourceArn=ARN)["tags"] == {"team": "a"}


@pytest.mark.parametrize("key", ["x:y", "9" * 30 + ":y", "", "-1:y", "²:y"])
def test_a_spoilt_token_of_streams_is_refused(client: Any, put: Put, refused: Refused, key: str) -> None:
    put("one", stream="a")
    put("two", stream="b")
    asked = {"logGroupName": "shop", "orderBy": "LastEventTime", "limit": 1}
    token = client.describe_log_streams(**asked)["nextToken"]
    scope = base64.urlsafe_b64decode(token).partition(b":")[0].decode()
    spoilt = base64.urlsafe_b64encode(f"{scope}:{key}".encode()).decode()
    with refused("InvalidParameterException", "nextToken is invalid"):
        client.describe_log_streams(**asked, nextToken=spoilt)


def test_a_group_of_the_same_name_is_refused(client: Any, refused: Refused) -> None:
    client.create_log_group(logGroupName="shop")
    with refused("ResourceAlreadyExistsException", "The specified log group already exists"):
        client.create_log_group(logGroupName="shop")


def test_a_group_that_is_made_again_has_nothing_of_the_earlier_one(client: Any, put: Put) -> None:
    put("old")
    client.delete_log_group(logGroupName="shop")
    client.create_log_group(logGroupName="shop")
    assert client.describe_log_streams(logGroupName="shop")["logStreams"] == []
    assert client.filter_log_events(logGroupName="shop")["events"] == []


def test_what_is_not_there_is_named(client: Any, refused: Refused) -> None:
    with refused("ResourceNotFoundException", "The specified log group does not exist."):
        client.delete_log_group(logGroupName="none")
    with refused("ResourceNotFoundException", "The specified log group does not exist."):
        client.create_log_stream(logGroupName="none", logStreamName="a")
    client.create_log_group(logGroupName="shop")
    for call in (client.delete_log_stream, client.get_log_events):
        with refused("ResourceNotFoundException", "The specified log stream does not exist."):
            call(logGroupName="shop", logStreamName="none")


@pytest.mark.parametrize(
    "member",
    [
        {"kmsKeyId": "arn:aws:kms:x"},
        {"logGroupClass": "INFREQUENT_ACCESS"},
        {"deletionProtectionEnabled": True},
    ],
)
def test_what_a_group_cannot_have_is_refused_by_name(
    client: Any, refused: Refused, member: dict[str, Any]
) -> None:
    with refused("InvalidParameterException", next(iter(member))):
        client.create_log_group(logGroupName="shop", **member)
    assert client.describe_log_groups()["logGroups"] == []


def test_groups_are_listed_page_by_page_by_prefix_or_by_what_is_in_their_names(client: Any) -> None:
    for name in ("/ecs/web", "/ecs/api", "other", "MyWEBlog"):
        client.create_log_group(logGroupName=name)
    pages = client.get_paginator("describe_log_groups").paginate(PaginationConfig={"PageSize": 1})
    names = [row["logGroupName"] for page in pages for row in page["logGroups"]]
    assert names == ["/ecs/api", "/ecs/web", "MyWEBlog", "other"]
    for asked, found in (
        ({"logGroupNamePrefix": "/ecs/"}, ["/ecs/api", "/ecs/web"]),
        ({"logGroupNamePattern": "web"}, ["/ecs/web", "MyWEBlog"]),
        ({"logGroupIdentifiers": ["other"]}, ["other"]),
    ):
        rows = client.describe_log_groups(**asked)["logGroups"]
        assert [row["logGroupName"] for row in rows] == found


def test_retention_is_one_of_the_lengths_that_there_are(client: Any, refused: Refused) -> None:
    client.create_log_group(logGroupName="shop")
    client.put_retention_policy(logGroupName="shop", retentionInDays=14)
    assert group(client)["retentionInDays"] == 14
    with refused("InvalidParameterException", "retentionInDays"):
        client.put_retention_policy(logGroupName="shop", retentionInDays=2)
    client.delete_retention_policy(logGroupName="shop")
    assert "retentionInDays" not in group(client)


def test_tags_are_the_same_by_arn_and_by_name(client: Any, refused: Refused) -> None:
    client.create_log_group(logGroupName="shop")
    client.tag_resource(resourceArn=ARN, tags={"a": "1", "b": "2"})
    client.tag_log_group(logGroupName="shop", tags={"c": "3"})
    client.untag_log_group(logGroupName="shop", tags=["a"])
    assert client.list_tags_log_group(logGroupName="shop")["tags"] == {"b": "2", "c": "3"}
    client.untag_resource(resourceArn=ARN, tagKeys=["b"])
    assert client.list_tags_for_resource(resourceArn=ARN)["tags"] == {"c": "3"}
    with refused("TooManyTagsException"):
        client.tag_resource(resourceArn=ARN, tags={str(n): "" for n in range(50)})
    with refused("ResourceNotFoundException"):
        client.list_tags_for_resource(resourceArn=ARN.replace("shop", "none"))


def test_streams_are_listed_by_name_and_by_last_event(
    client: Any, put: Put, refused: Refused, now: int
) -> None:
    put("x", stream="b", at=-3000)
    put("x", stream="a", at=-1000)
    put("x", stream="ab", at=-2000)
    assert streams(client) == ["a", "ab", "b"]
    assert streams(client, logStreamNamePrefix="a", descending=True) == ["ab", "a"]
    assert streams(client, orderBy="LastEventTime") == ["b", "ab", "a"]
    assert streams(client, orderBy="LastEventTime", descending=True) == ["a", "ab", "b"]
    with refused("InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix."):
        streams(client, orderBy="LastEventTime", logStreamNamePrefix="a")
    (row,) = client.describe_log_streams(logGroupIdentifier=ARN, logStreamNamePrefix="ab")["logStreams"]
    assert row.pop("uploadSequenceToken")
    assert row == {
        "logStreamName": "ab",
        "creationTime": now,
        "firstEventTimestamp": now - 2000,
        "lastEventTimestamp": now - 2000,
        "lastIngestionTime": now,
        "arn": f"{ARN}:log-stream:ab",
        "storedBytes": 0,
    }


def test_a_stream_goes_with_its_events(client: Any, put: Put) -> None:
    put("old")
    client.delete_log_stream(logGroupName="shop", logStreamName="web/1")
    assert client.filter_log_events(logGroupName="shop")["events"] == []
    assert group(client)["storedBytes"] == 0


@pytest.mark.parametrize("operation", ["start_query", "put_metric_filter", "start_live_tail"])
def test_what_is_not_served_is_refused_by_name(client: Any, operation: str, refused: Refused) -> None:
    members = {
        "start_query": {"startTime": 1, "endTime": 2, "queryString": "fields @message"},
        "put_metric_filter": {
            "logGroupName": "shop",
            "filterName": "errors",
            "filterPattern": "ERROR",
            "metricTransformations": [{"metricName": "a", "metricNamespace": "b", "metricValue": "1"}],
        },
        "start_live_tail": {"logGroupIdentifiers": [ARN]},
    }
    with refused("[A-Za-z]+", "Tidegate does not serve this operation"):
        getattr(client, operation)(**members[operation])


def streams(client: Any, **asked: Any) -> list[str]:
    pages = client.get_paginator("describe_log_streams").paginate(
        logGroupName="shop", PaginationConfig={"PageSize": 1}, **asked
    )
    return [row["logStreamName"] for page in pages for row in page["logStreams"]]


def test_tags_of_aws_own_are_refused(client: Any, refused: Refused) -> None:
    with refused("InvalidParameterException", "aws: prefixed tag key names"):
        client.create_log_group(logGroupName="shop", tags={"aws:x": "v"})
    client.create_log_group(logGroupName="shop", tags={"team": "a"})
    with refused("InvalidParameterException", "aws: prefixed tag key names"):
        client.tag_log_group(logGroupName="shop", tags={"AWS:x": "v"})
    assert client.list_tags_log_group(logGroupName="shop")["tags"] == {"team": "a"}


def test_a_disk_that_refuses_is_told_as_something_to_try_again(
    client: Any, context: ApiContext, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: str) -> None:
        raise LogStoreFailedError("the disk refused a write")

    client.create_log_group(logGroupName="shop")
    monkeypatch.setattr(context.logs, "create_stream", fail)
    monkeypatch.setattr(context.logs, "remove_stream", fail)
    for operation in (client.create_log_stream, client.delete_log_stream):
        with refused("ServiceUnavailableException"):
            operation(logGroupName="shop", logStreamName="a")
