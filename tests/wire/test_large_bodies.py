"""Large bodies: whoever else asks meanwhile is answered."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
import time
from collections.abc import Awaitable, Mapping
from typing import Any

import pytest

from tidegate.testing.clock import EPOCH
from tidegate.wire import Call, FrontEnd, LargeAnswer, Operation, answer_of
from tidegate.wire.large_bodies import LARGE_BYTES_MIN, LargeBodies

from .asking import Heard, application, ask, ecs_request, form_request, json_request, signed

# Parsed on the loop, any of the bodies below holds it for more.
HELD_SECONDS_MAX = 0.02
TARGETS = {"PutLogEvents": "Logs_20140328", "PutMetricData": "GraniteServiceVersion20100801"}


async def keep(context: list[Call], call: Call) -> Mapping[str, Any]:
    context.append(call)
    return {}


async def many_points(_context: list[Call], _call: Call) -> Mapping[str, Any]:
    result = {"Id": "a", "Timestamps": [EPOCH] * 100_000, "Values": [1.5] * 100_000}
    return LargeAnswer(MetricDataResults=[result])


@pytest.fixture
def calls() -> list[Call]:
    return []


@pytest.fixture
def app(calls: list[Call]) -> Any:
    served = [
        FrontEnd("logs", {"PutLogEvents": Operation(keep)}),
        FrontEnd("cloudwatch", {"PutMetricData": Operation(keep), "GetMetricData": Operation(many_points)}),
        FrontEnd("ecs", {"ListClusters": Operation(keep)}),
    ]
    return application(served, calls)


async def held(work: Awaitable[Heard]) -> tuple[Heard, float]:
    """What comes of it, and the longest stretch of the loop's thread's own CPU time: others' is not ours."""
    longest, is_over = 0.0, False

    async def measure() -> None:
        nonlocal longest
        while not is_over:
            used = time.thread_time()
            await asyncio.sleep(0.001)
            longest = max(longest, time.thread_time() - used)

    measuring = asyncio.create_task(measure())
    await asyncio.sleep(0.005)
    heard = await work
    is_over = True
    await measuring
    return heard, longest


def log_events(count: int) -> dict[str, Any]:
    events = [{"timestamp": number, "message": f"line {number} of many"} for number in range(count)]
    return {"logGroupName": "g", "logStreamName": "s", "logEvents": events}


def metric_data(count: int) -> dict[str, Any]:
    values = [number + 0.5 for number in range(150)]
    return {
        "Namespace": "n",
        "MetricData": [{"MetricName": "m", "Values": values, "Counts": values} for _ in range(count)],
    }


@pytest.mark.parametrize(
    ("operation", "service", "document"),
    [("PutLogEvents", "logs", log_events(10_000)), ("PutMetricData", "monitoring", metric_data(500))],
)
async def test_a_large_body_does_not_hold_the_loop(
    operation: str, service: str, document: dict[str, Any], app: Any, calls: list[Call]
) -> None:
    target = f"{TARGETS[operation]}.{operation}"
    # The first one of its kind reads the model.
    small = {key: value[:1] if isinstance(value, list) else value for key, value in document.items()}
    await ask(app, **json_request(target, small, service=service))
    calls.clear()
    heard, longest = await held(ask(app, **json_request(target, document, service=service)))
    assert (heard.status, calls[0].parameters) == (200, document)
    assert longest < HELD_SECONDS_MAX


async def test_a_small_gzip_body_that_holds_much_does_not_hold_the_loop(app: Any, calls: list[Call]) -> None:
    document = log_events(1)
    document["logEvents"] *= 10_000
    body = gzip.compress(json.dumps(document).encode())
    assert len(body) < LARGE_BYTES_MIN
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "Content-Encoding": "gzip",
        "X-Amz-Target": "Logs_20140328.PutLogEvents",
    }
    heard, longest = await held(ask(app, headers=signed("logs", headers, body), body=body))
    assert (heard.status, calls[0].parameters) == (200, document)
    assert longest < HELD_SECONDS_MAX


async def test_a_large_form_is_read_as_a_small_one(app: Any, calls: list[Call]) -> None:
    fields = "&".join(f"MetricData.member.1.Values.member.{number}=1.5" for number in range(1, 2_001))
    form = f"Action=PutMetricData&Version=2010-08-01&Namespace=n&MetricData.member.1.MetricName=m&{fields}"
    assert len(form) > LARGE_BYTES_MIN
    heard = await ask(app, **form_request("monitoring", form))
    assert heard.status == 200
    assert calls[0].parameters["MetricData"] == [{"MetricName": "m", "Values": [1.5] * 2_000}]


async def test_what_is_wrong_with_a_large_body_is_said_as_of_a_small_one(app: Any, calls: list[Call]) -> None:
    events = [{"timestamp": 1, "message": "x" * 50}] * 1_000 + [{"timestamp": 1, "message": ""}]
    document = {"logGroupName": "g", "logStreamName": "s", "logEvents": events}
    heard = await ask(app, **json_request("Logs_20140328.PutLogEvents", document, service="logs"))
    assert heard.status == 400
    assert heard.document["__type"] == "InvalidParameterException"
    assert "'logEvents.1001.member.message' failed to satisfy constraint" in heard.document["message"]
    broken = await ask(app, **json_request("Logs_20140328.PutLogEvents", [events], service="logs"))
    assert broken.document["__type"] == "SerializationException"
    assert calls == []


async def test_small_requests_are_answered_while_a_large_body_is_read(app: Any, calls: list[Call]) -> None:
    large = ask(app, **json_request("Logs_20140328.PutLogEvents", log_events(10_000), service="logs"))
    answering = asyncio.create_task(large)
    await asyncio.sleep(0)
    heard = await ask(app, **ecs_request("ListClusters", {}))
    assert heard.status == 200
    assert [call.operation for call in calls] == ["ListClusters"]
    await answering


async def test_a_large_answer_does_not_hold_the_loop(app: Any) -> None:
    form = (
        "Action=GetMetricData&Version=2010-08-01&MetricDataQueries=&StartTime=2024-01-01&EndTime=2024-01-02"
    )
    heard, longest = await held(ask(app, **form_request("monitoring", form)))
    assert heard.text.count("<member>2") == 100_000
    assert longest < HELD_SECONDS_MAX


def test_an_answer_of_few_parts_waits_for_no_large_one() -> None:
    members = {"events": []}
    assert answer_of(LargeAnswer.PARTS_MIN - 1, members) is members
    assert isinstance(answer_of(LargeAnswer.PARTS_MIN, members), LargeAnswer)


async def test_only_large_bodies_go_to_a_thread() -> None:
    reader = LargeBodies()
    here = threading.get_ident()
    assert await reader.read(LARGE_BYTES_MIN - 1, threading.get_ident) == here
    assert await reader.read(LARGE_BYTES_MIN, threading.get_ident) != here
