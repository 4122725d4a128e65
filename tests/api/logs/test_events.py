"""Events put and read, as clients see them."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tidegate.fleet.log_shipments import shipment_token
from tidegate.testing.clock import FakeClock

from .conftest import Put, Refused

HOUR, DAY = 3_600_000, 86_400_000


def messages(answer: Any) -> list[str]:
    return [event["message"] for event in answer["events"]]


def test_events_come_back_as_they_were_put(client: Any, put: Put, now: int) -> None:
    put("one", "two ünï\ncode")
    answer = client.get_log_events(logGroupName="shop", logStreamName="web/1")
    assert answer["events"] == [
        {"timestamp": now - 1000, "message": "one", "ingestionTime": now},
        {"timestamp": now - 999, "message": "two ünï\ncode", "ingestionTime": now},
    ]
    (group,) = client.describe_log_groups()["logGroups"]
    assert group["storedBytes"] == 26 * 2 + len("one") + len("two ünï\ncode".encode())


def test_at_the_end_of_a_stream_the_token_is_the_one_that_was_sent(client: Any, put: Put) -> None:
    put("one", "two")
    asked = {"logGroupName": "shop", "logStreamName": "web/1", "startFromHead": True}
    first = client.get_log_events(**asked)
    assert first["nextForwardToken"].startswith("f/")
    assert first["nextBackwardToken"].startswith("b/")
    end = client.get_log_events(**asked, nextToken=first["nextForwardToken"])
    assert (end["events"], end["nextForwardToken"]) == ([], first["nextForwardToken"])
    put("three", at=-500)
    assert messages(client.get_log_events(**asked, nextToken=end["nextForwardToken"])) == ["three"]


def test_an_empty_stream_has_tokens_that_go_on(client: Any, put: Put) -> None:
    client.create_log_stream(logGroupName="shop", logStreamName="new")
    answer = client.get_log_events(logGroupName="shop", logStreamName="new", startFromHead=True)
    put("one", stream="web/1")
    events = [{"timestamp": answer["ResponseMetadata"]["HTTPStatusCode"], "message": "late"}]
    assert client.put_log_events(logGroupName="shop", logStreamName="new", logEvents=events)[
        "rejectedLogEventsInfo"
    ] == {"tooOldLogEventEndIndex": 1}
    again = client.get_log_events(
        logGroupName="shop", logStreamName="new", nextToken=answer["nextForwardToken"]
    )
    assert again["nextForwardToken"] == answer["nextForwardToken"]


def test_without_a_word_the_newest_events_come_first_and_pages_go_back(client: Any, put: Put) -> None:
    for n in range(5):
        put(f"{n}", at=-1000 + n)
    asked = {"logGroupName": "shop", "logStreamName": "web/1", "limit": 2}
    answer = client.get_log_events(**asked)
    assert messages(answer) == ["3", "4"]
    earlier = client.get_log_events(**asked, nextToken=answer["nextBackwardToken"])
    assert messages(earlier) == ["1", "2"]
    forth = client.get_log_events(**asked, nextToken=earlier["nextForwardToken"])
    assert messages(forth) == ["3", "4"]
    first = client.get_log_events(**asked, nextToken=earlier["nextBackwardToken"])
    assert messages(first) == ["0"]
    beginning = client.get_log_events(**asked, nextToken=first["nextBackwardToken"])
    assert (messages(beginning), beginning["nextBackwardToken"]) == ([], first["nextBackwardToken"])


def test_a_span_begins_with_its_first_millisecond_and_ends_before_its_last(
    client: Any, put: Put, now: int, refused: Refused
) -> None:
    put("a", "b", "c", "d")
    asked = {"logGroupName": "shop", "startTime": now - 999, "endTime": now - 998}
    assert messages(client.get_log_events(logStreamName="web/1", **asked)) == ["b"]
    assert messages(client.filter_log_events(**asked)) == ["b", "c"], "of a filter the last is in it"
    with refused("InvalidParameterException"):
        client.get_log_events(logGroupName="shop", logStreamName="web/1", startTime=2, endTime=1)


def test_times_without_end_are_as_good_as_none(client: Any, put: Put) -> None:
    put("one")
    span = {"logGroupName": "shop", "startTime": 0, "endTime": 2**62}
    assert messages(client.get_log_events(logStreamName="web/1", **span)) == ["one"]
    assert messages(client.filter_log_events(**span)) == ["one"]
    late = {"logGroupName": "shop", "logStreamName": "web/1", "startTime": 2**62, "startFromHead": True}
    token = client.get_log_events(**late)["nextForwardToken"]
    assert client.get_log_events(**late, nextToken=token)["nextForwardToken"] == token


def test_a_made_up_token_is_refused(client: Any, put: Put, refused: Refused) -> None:
    put("one")
    for token in ("f/1/s", "x" * 60, "é"):
        with refused("InvalidParameterException", "The specified nextToken is invalid."):
            client.get_log_events(logGroupName="shop", logStreamName="web/1", nextToken=token)
        with refused("InvalidParameterException", "The specified nextToken is invalid."):
            client.filter_log_events(logGroupName="shop", nextToken=token)


def test_a_group_is_filtered_in_the_order_of_time_page_by_page(client: Any, put: Put) -> None:
    for n in range(20):
        put(f"event {n}", f"noise {n}", at=-1000 + 10 * n, stream=f"s{n % 3}")
    pages = client.get_paginator("filter_log_events").paginate(
        logGroupName="shop", filterPattern="event", PaginationConfig={"PageSize": 3}
    )
    events = [event for page in pages for event in page["events"]]
    assert [event["message"] for event in events] == [f"event {n}" for n in range(20)]
    assert [event["logStreamName"] for event in events] == [f"s{n % 3}" for n in range(20)]
    assert len({event["eventId"] for event in events}) == 20


def test_only_the_streams_that_are_asked_for_are_looked_at(client: Any, put: Put, refused: Refused) -> None:
    for name in ("web/1", "web/2", "api/1"):
        put(name, stream=name)
    asked = {"logGroupName": "shop"}
    assert messages(client.filter_log_events(**asked, logStreamNames=["web/2", "api/1"])) == [
        "web/2",
        "api/1",
    ]
    assert messages(client.filter_log_events(**asked, logStreamNamePrefix="web/")) == ["web/1", "web/2"]
    assert messages(client.filter_log_events(**asked, logStreamNamePrefix="none")) == []
    with refused("ResourceNotFoundException"):
        client.filter_log_events(**asked, logStreamNames=["none"])
    with refused("InvalidParameterException"):
        client.filter_log_events(**asked, logStreamNames=["web/1"], logStreamNamePrefix="web/")


def test_a_bad_pattern_is_refused(client: Any, put: Put, refused: Refused) -> None:
    put("one")
    with refused("InvalidParameterException", "Invalid filter pattern"):
        client.filter_log_events(logGroupName="shop", filterPattern="{ $.a = }")


def test_what_is_too_old_or_too_new_is_left_out_and_named(client: Any, put: Put, now: int) -> None:
    put("in time")
    old = put("old", "older than two weeks?", at=-14 * DAY - 1)
    assert old["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1}
    new = put("soon", "too soon", at=2 * HOUR)
    assert new["rejectedLogEventsInfo"] == {"tooNewLogEventStartIndex": 1}
    client.put_retention_policy(logGroupName="shop", retentionInDays=1)
    assert put("expired", at=-DAY - 1)["rejectedLogEventsInfo"] == {"expiredLogEventEndIndex": 1}
    kept = messages(client.filter_log_events(logGroupName="shop", startTime=0, endTime=now + DAY))
    assert kept == ["older than two weeks?", "in time", "soon"]


def test_bounds_of_a_batch(client: Any, put: Put, now: int, refused: Refused) -> None:
    put("first")
    asked = {"logGroupName": "shop", "logStreamName": "web/1"}
    for events, text in (
        ([(0, "a"), (-1, "b")], "must be in chronological order"),
        ([(-DAY - 1, "a"), (0, "b")], "cannot span more than 24 hours"),
        ([(0, "x" * (1024 * 1024 - 25))], "Log event too large: 1048577 bytes exceeds limit of 1048576"),
        (
            [(0, "x" * 600_000), (0, "x" * 600_000)],
            "Upload too large: 1200052 bytes exceeds limit of 1048576",
        ),
        ([(0, "x")] * 10_001, "length less than or equal to 10000"),
    ):
        with refused("InvalidParameterException", text):
            rows = [{"timestamp": now + at, "message": message} for at, message in events]
            client.put_log_events(logEvents=rows, **asked)
    assert messages(client.get_log_events(**asked)) == ["first"]
    largest = [{"timestamp": now, "message": "x" * (1024 * 1024 - 26)}]
    client.put_log_events(logEvents=largest, **asked)
    assert client.put_log_events(logEvents=[{"timestamp": now, "message": "x"}] * 10_000, **asked)


def test_a_sequence_token_means_nothing(client: Any, put: Put) -> None:
    token = put("one")["nextSequenceToken"]
    put("two", sequenceToken=token)
    put("two again", sequenceToken=token)
    assert len(messages(client.filter_log_events(logGroupName="shop"))) == 3


def test_what_an_agent_ships_again_is_not_kept_again(client: Any, put: Put) -> None:
    put("one", "two", sequenceToken=shipment_token(0, 10))
    put("one", "two", sequenceToken=shipment_token(0, 10))
    put("three", sequenceToken=shipment_token(10, 15))
    put("one", stream="web/2", sequenceToken=shipment_token(0, 5))
    assert sorted(messages(client.filter_log_events(logGroupName="shop"))) == ["one", "one", "three", "two"]


def test_a_batch_that_repeats_a_part_of_its_stream_is_refused_with_where_to_go_on(
    client: Any, put: Put
) -> None:
    put("one", "two", sequenceToken=shipment_token(0, 10))
    with pytest.raises(ClientError) as refused:
        put("two", "three", sequenceToken=shipment_token(5, 15))
    assert refused.value.response["Error"]["Code"] == "InvalidSequenceTokenException"
    assert refused.value.response["expectedSequenceToken"] == shipment_token(10, 10)
    put("three", at=-500, sequenceToken=shipment_token(10, 15))
    assert messages(client.filter_log_events(logGroupName="shop")) == ["one", "two", "three"]


def test_a_page_has_at_most_a_megabyte(client: Any, put: Put) -> None:
    for n in range(4):
        put("x" * 400_000, at=-1000 + n)
    pages = client.get_paginator("filter_log_events").paginate(logGroupName="shop")
    assert [len(page["events"]) for page in pages] == [2, 2]


def test_a_reader_that_follows_sees_everything_once(client: Any, put: Put, clock: FakeClock) -> None:
    """As `aws logs tail --follow` does: from the last event's time on, without those it knows."""
    seen: dict[str, str] = {}
    since = 0
    for n in count():
        put(f"event {n}", at=10 * (n // 2))
        for event in client.filter_log_events(logGroupName="shop", startTime=since)["events"]:
            seen[event["eventId"]] = event["message"]
            since = event["timestamp"]
        clock.advance(0.01)
        if n == 9:
            break
    assert list(seen.values()) == [f"event {n}" for n in range(10)]


@pytest.mark.parametrize("member", [{"unmask": True}, {"startFromHead": False}])
def test_what_a_filter_does_not_do_is_refused_by_name(
    client: Any, put: Put, refused: Refused, member: dict[str, bool]
) -> None:
    put("one")
    with refused("InvalidParameterException", next(iter(member))):
        client.filter_log_events(logGroupName="shop", **member)
