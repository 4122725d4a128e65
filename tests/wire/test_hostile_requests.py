"""Whatever arrives, signed or not, is answered below 500: a 500 is a bug, and SDKs repeat it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.wire import Call, FrontEnd, Operation
from tidegate.wire.models import service_model
from tidegate.wire.reduced import EC2_OPERATIONS

from .asking import application, ask, ec2_request, elbv2_request, signed

FUZZ = settings(max_examples=150, deadline=None)


async def accept(_context: object, _call: Call) -> Mapping[str, Any]:
    return {}


def whole(service: str) -> FrontEnd:
    names = EC2_OPERATIONS if service == "ec2" else service_model(service).operation_names
    return FrontEnd(service, {name: Operation(accept) for name in names})


APP = application([whole(service) for service in ("ecs", "elbv2", "ec2", "iam", "sts", "ssm", "cloudwatch")])
ECS = service_model("ecs").operation_names
ELBV2 = service_model("elbv2").operation_names

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
names = st.text("AaBb.member12359²-_ ", max_size=30)
headers = st.dictionaries(
    st.sampled_from(
        [
            "authorization",
            "x-amz-date",
            "content-type",
            "content-encoding",
            "x-amz-target",
            "x-amzn-query-mode",
        ]
    ),
    st.sampled_from(
        [
            "",
            "gzip",
            "application/x-amz-json-1.1",
            "AmazonEC2ContainerServiceV20141113.CreateService",
            "AWS4-HMAC-SHA256 Credential=a/b/c/ecs/aws4_request, SignedHeaders=host, Signature=\xe9",
            "20260101T000000Z",
            "true",
            "...",
        ]
    ),
)


@FUZZ
@given(st.sampled_from(ECS), st.data())
def test_any_json_for_any_operation(operation: str, data: st.DataObject) -> None:
    shape = service_model("ecs").input_shape(operation)
    members = sorted(shape.members) if shape else []
    keys = st.sampled_from(members) if members else st.text(max_size=3)
    document = data.draw(st.dictionaries(keys, json_values, max_size=6) | json_values)
    body = msgspec.json.encode(document)
    target = {"X-Amz-Target": f"AmazonEC2ContainerServiceV20141113.{operation}"}
    heard = asyncio.run(ask(APP, headers=signed("ecs", target, body), body=body))
    assert heard.status < 500


@FUZZ
@given(st.binary(max_size=60), st.sampled_from(ECS))
def test_any_bytes_for_json(body: bytes, operation: str) -> None:
    target = {"X-Amz-Target": f"AmazonEC2ContainerServiceV20141113.{operation}"}
    heard = asyncio.run(ask(APP, headers=signed("ecs", target, body), body=body))
    assert heard.status < 500


@FUZZ
@given(st.sampled_from(ELBV2), st.data())
def test_any_form_for_any_operation(operation: str, data: st.DataObject) -> None:
    shape = service_model("elbv2").input_shape(operation)
    assert shape is not None
    firsts = st.sampled_from([*sorted(shape.members), "Other"])
    rests = st.sampled_from(["", ".member", ".member.1", ".member.2.Key", ".1", ".member.x", ".entry.1.key"])
    fields = data.draw(st.lists(st.tuples(firsts, rests, st.text("a1% &=", max_size=4)), max_size=6))
    form = "&".join(f"{first}{rest}={value}" for first, rest, value in fields)
    assert asyncio.run(ask(APP, **elbv2_request(operation, form))).status < 500


@FUZZ
@given(st.sampled_from(EC2_OPERATIONS), st.lists(st.tuples(names, names), max_size=6))
def test_any_ec2_form(operation: str, fields: list[tuple[str, str]]) -> None:
    form = "&".join(f"{name}={value}" for name, value in fields)
    assert asyncio.run(ask(APP, **ec2_request(operation, form))).status < 500


@FUZZ
@given(
    headers,
    st.binary(max_size=40),
    st.text("/aA-zX=&%?+é;", max_size=40),
    st.sampled_from(["GET", "POST", "PUT"]),
)
def test_any_unsigned_request(sent: dict[str, str], body: bytes, query: str, method: str) -> None:
    bent = {"host": "h", **{name: value.encode().decode("latin-1") for name, value in sent.items()}}
    heard = asyncio.run(ask(APP, method=method, query=query, headers=bent, body=body))
    assert 400 <= heard.status < 500
