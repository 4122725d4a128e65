"""RPC v2 in CBOR: the path names the operation, and errors are read as the query protocol's were."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import cbor2
import pytest

from tidegate.testing.clock import EPOCH
from tidegate.wire import Call, Fault, FrontEnd, Operation
from tidegate.wire.sigv4 import sign_headers

from .asking import ACCESS_KEY_ID, HOST, SECRET_KEY, Heard, application, ask

SERVICE = "GraniteServiceVersion20100801"
MOMENT = datetime(2026, 1, 1, 12, 30, 0, 500_000, tzinfo=UTC)


async def list_metrics(_context: object, call: Call) -> Mapping[str, Any]:
    return {"Metrics": [{"MetricName": call.parameters.get("MetricName", "any")}]}


async def describe_alarm_history(_context: object, call: Call) -> Mapping[str, Any]:
    assert call.parameters["StartDate"] == MOMENT
    return {"AlarmHistoryItems": [{"AlarmName": "a", "Timestamp": MOMENT}]}


async def set_alarm_state(_context: object, _call: Call) -> Mapping[str, Any]:
    raise Fault("ResourceNotFound", "There is no such alarm.")


FRONT_END = FrontEnd(
    "cloudwatch",
    {
        "ListMetrics": Operation(list_metrics),
        "DescribeAlarmHistory": Operation(describe_alarm_history),
        "SetAlarmState": Operation(set_alarm_state),
    },
)


async def ask_in_cbor(operation: str, body: bytes, *, service: str = SERVICE, mode: str = "") -> Heard:
    path = f"/service/{service}/operation/{operation}"
    headers = {"Smithy-Protocol": "rpc-v2-cbor", "Content-Type": "application/cbor"}
    if mode:
        headers["X-Amzn-Query-Mode"] = mode
    signing = sign_headers(
        method="POST",
        host=HOST,
        path=path,
        headers=headers,
        body=body,
        service="monitoring",
        region="us-east-1",
        access_key_id=ACCESS_KEY_ID,
        secret_key=SECRET_KEY,
        now=EPOCH,
    )
    return await ask(application([FRONT_END]), path=path, headers=headers | signing, body=body)


async def test_an_operation_named_by_its_path_is_answered_in_cbor() -> None:
    heard = await ask_in_cbor("ListMetrics", cbor2.dumps({"MetricName": "Requests", "Unknown": 1}))
    assert (heard.status, heard.headers["content-type"]) == (200, "application/cbor")
    assert heard.headers["smithy-protocol"] == "rpc-v2-cbor"
    assert cbor2.loads(heard.body) == {"Metrics": [{"MetricName": "Requests"}]}


async def test_a_request_without_a_body_has_no_parameters() -> None:
    heard = await ask_in_cbor("ListMetrics", b"")
    assert cbor2.loads(heard.body) == {"Metrics": [{"MetricName": "any"}]}


async def test_moments_are_tagged_both_ways() -> None:
    body = cbor2.dumps({"StartDate": cbor2.CBORTag(1, MOMENT.timestamp())})
    heard = await ask_in_cbor("DescribeAlarmHistory", body)
    assert cbor2.loads(heard.body)["AlarmHistoryItems"][0]["Timestamp"] == MOMENT


async def test_an_error_has_the_shapes_name_and_the_query_code_beside_it() -> None:
    body = cbor2.dumps({"AlarmName": "a", "StateValue": "OK", "StateReason": "r"})
    heard = await ask_in_cbor("SetAlarmState", body, mode="true")
    assert heard.status == 404
    assert cbor2.loads(heard.body) == {"__type": "ResourceNotFound", "message": "There is no such alarm."}
    assert heard.headers["x-amzn-query-error"] == "ResourceNotFound;Sender"
    assert "x-amzn-query-error" not in (await ask_in_cbor("SetAlarmState", body)).headers


@pytest.mark.parametrize(
    ("operation", "service"), [("PutMetricData", SERVICE), ("Dance", SERVICE), ("ListMetrics", "Unheard")]
)
async def test_what_nobody_serves_is_refused_in_cbor(operation: str, service: str) -> None:
    heard = await ask_in_cbor(operation, cbor2.dumps({}), service=service)
    assert heard.status == 400
    assert cbor2.loads(heard.body)["__type"] == "UnknownOperationException"


@pytest.mark.parametrize(
    "body",
    [
        b"\xff",
        b"\xa1",
        b"\x9b\x00\x00\x00\xff\xff\xff\xff\xff",
        b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"\x81" * 5_000,
        cbor2.dumps([]),
        cbor2.dumps({"MetricName": 5}),
        cbor2.dumps({"MetricName": cbor2.CBORTag(1, 5)}),
        cbor2.dumps({"StartDate": "2026-01-01T00:00:00Z"}),
        cbor2.dumps({"StartDate": 5}),
        b"\xa1\x69StartDate\xc1\xfb\x7f\xf0\x00\x00\x00\x00\x00\x00",
        b"\xa1\x69StartDate\xc0\x78\x190001-01-01T00:00:00+14:00",
        # A number of 4,932 digits.
        b"\xa2\x69StartDate\xc1\x00\x6aMaxRecords\xc2\x59\x08\x00" + b"\xff" * 2048,
        # The same structure twice, and a list that holds itself.
        b"\xa1\x6aDimensions\x82\xd8\x1c\xa1\x64Name\x61a\xd8\x1d\x00",
        b"\xa1\x6aDimensions\xd9\x00\x1c\x81\xd9\x00\x1d\x00",
    ],
)
async def test_bodies_that_are_not_what_they_should_be_are_the_clients_fault(body: bytes) -> None:
    operation = "DescribeAlarmHistory" if b"StartDate" in body else "ListMetrics"
    heard = await ask_in_cbor(operation, body)
    assert heard.status == 400
    assert cbor2.loads(heard.body)["__type"] == "SerializationException"
