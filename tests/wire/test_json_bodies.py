"""JSON bodies: what is tolerated, and what is not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tidegate.wire.json_bodies import json_parser, json_serialiser
from tidegate.wire.models import service_model
from tidegate.wire.scalars import UnparsableError


def read(operation: str, body: bytes, service: str = "ecs") -> dict[str, Any]:
    return json_parser(service_model(service).input_shape(operation))(body)


def test_unknown_members_and_nulls_are_dropped() -> None:
    body = b'{"cluster": "c", "newer": {"a": 1}, "services": ["s"], "include": null}'
    assert read("DescribeServices", body) == {"cluster": "c", "services": ["s"]}


def test_an_empty_body_is_an_empty_structure() -> None:
    assert read("ListClusters", b"") == {}


def test_an_optional_string_of_the_request_that_is_empty_is_absent() -> None:
    body = b'{"family": "", "taskRoleArn": "", "containerDefinitions": [], "volumes": []}'
    assert read("RegisterTaskDefinition", body) == {"family": "", "containerDefinitions": [], "volumes": []}


def test_an_empty_string_further_down_means_itself() -> None:
    body = b'{"family": "f", "containerDefinitions": [{"environment": [{"name": "A", "value": ""}]}]}'
    [container] = read("RegisterTaskDefinition", body)["containerDefinitions"]
    assert container == {"environment": [{"name": "A", "value": ""}]}


def test_a_document_is_taken_as_it_is() -> None:
    shape = service_model("ecs").input_shape("CreateService")
    assert shape is not None
    details = b'{"any": [1, null, {"thing": true}]}'
    body = b'{"deploymentConfiguration": {"lifecycleHooks": [{"hookDetails": ' + details + b"}]}}"
    [hook] = json_parser(shape)(body)["deploymentConfiguration"]["lifecycleHooks"]
    assert hook["hookDetails"] == {"any": [1, None, {"thing": True}]}


def test_a_number_with_a_fraction_is_truncated_for_an_integer() -> None:
    assert read("CreateService", b'{"desiredCount": 2.0}') == {"desiredCount": 2}
    assert read("CreateService", b'{"desiredCount": 2.9}') == {"desiredCount": 2}


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"text"',
        b"\xff",
        b"[" * 100_000,
        b'{"desiredCount": "2"}',
        b'{"desiredCount": true}',
        b'{"desiredCount": 3000000000}',
        b'{"desiredCount": NaN}',
        b'{"desiredCount": 1e400}',
        b'{"desiredCount": 1e300}',
        b'{"serviceName": 1}',
        b'{"serviceName": {"a": 1}}',
        b'{"enableECSManagedTags": "true"}',
        b'{"loadBalancers": {}}',
        b'{"loadBalancers": [null]}',
    ],
)
def test_a_value_of_the_wrong_type_is_unparsable(body: bytes) -> None:
    with pytest.raises(UnparsableError):
        read("CreateService", body)


@pytest.mark.parametrize("value", [b'"not a date"', b"1e20", b"true", b"[]"])
def test_a_moment_that_is_none_is_unparsable(value: bytes) -> None:
    with pytest.raises(UnparsableError):
        read("SubmitTaskStateChange", b'{"pullStartedAt": ' + value + b"}")


def test_a_moment_is_read_from_seconds_and_from_iso_text() -> None:
    moment = datetime(2026, 1, 1, 12, tzinfo=UTC)
    for value in (b"1767268800", b"1767268800.0", b'"2026-01-01T12:00:00Z"', b'"2026-01-01T13:00:00+01:00"'):
        body = b'{"pullStartedAt": ' + value + b"}"
        assert read("SubmitTaskStateChange", body) == {"pullStartedAt": moment}


def test_a_moment_is_written_as_a_number_with_milliseconds() -> None:
    write = json_serialiser(service_model("ecs").output_shape("DescribeServices"))
    created = datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)
    assert write({"services": [{"createdAt": created}]}) == b'{"services":[{"createdAt":1767268800.123}]}'


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_is_none_is_refused_for_that(text: str) -> None:
    shape = service_model("cloudwatch").input_shape("PutMetricAlarm")
    with pytest.raises(UnparsableError, match=f"'{text}' is not a finite number"):
        json_parser(shape)(b'{"Threshold": "' + text.encode() + b'"}')
