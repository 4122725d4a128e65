"""Whatever well-formed request arrives, an operation serves it or refuses it: a 500 is a bug.

Each operation is asked what it serves, and then variations of that: members left out, members added,
values of the right type that no client would send. The variations are the same in every run.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.serialize import create_serializer
from tests.api.requests import inhabited, region, requests

from tidegate.control.api import front_ends
from tidegate.testing.api import Api
from tidegate.wire.models import Shape, model_for

VARIATIONS = 25
SERVICES = sorted(front_end.service for front_end in front_ends())
ARN = "arn:aws:ecs:us-east-1:000000000000:"
ELB = "arn:aws:elasticloadbalancing:us-east-1:000000000000:"
TEXTS = [
    *("", "a", " ", "\n", ".", "/", "//", ":", "::", "\x00", "²", "٣", "²²²", "é" * 300, "x" * 2000),
    *("-1", "0", "80", "65536", "1" * 400, "9" * 5000, "1e400", "NaN", ".5 vCPU", "200-99", "traffic-port"),
    *("arn:", f"{ARN}x", f"{ARN}service", f"{ARN}task/", f"{ARN}service/a/b/c", f"{ARN}cluster/c"),
    *(f"{ARN}task-definition/web:1", "web:1", "web:²", f"web:{'9' * 5000}", "family:", "service:x"),
    *(
        f"{ELB}loadbalancer/app/x/y",
        f"{ELB}listener/",
        f"{ELB}targetgroup/a/b",
        f"{ELB}listener-rule/a/b/c/d",
    ),
    *(
        "0.0.0.0/0",
        "10.0.0.0/99",
        "::/0",
        "10.0.0.1",
        "tcp",
        "HTTP",
        "default",
        "i-0",
        "vpc-0",
        "QQ==",
        "c3No",
    ),
    *(
        "{}",
        "[]",
        "[1]",
        "[" * 5000,
        "1.5",
        '{"instanceId":1}',
        "(" * 900,
        "not(",
        "attribute:rack ==",
        "*a" * 60,
    ),
    *(
        "^(a+)+$",
        "(?!x)",
        "[z-a]",
        "a{9999999999}",
        "#{path}",
        "https://id:x/",
        "*.example.com",
        "ELBSecurityPolicy-",
    ),
    *(
        "arn:aws:acm:us-east-1:000000000000:certificate/x",
        f"{ELB}truststore/a/b",
        "off",
        "verify",
        "2001:db8::/200",
    ),
    *("runningTasksCount > ²", "attribute:rack =~ [", "attribute:rack =~ a{9999999999}"),
]
NUMBERS = [0, 1, 2, 5, 10, 80, 443, 65535, 65536, -1, 2**31 - 1, -(2**31)]


def a_value(shape: Shape, random: Random, depth: int = 0) -> Any:
    """Some value of the shape."""
    if shape.kind == "structure":
        members = shape.members
        named = [n for n in members if n in shape.required or (depth < 5 and random.random() < 0.3)]
        return {name: a_value(members[name], random, depth + 1) for name in named}
    if shape.kind == "list":
        member = shape.part("member")
        return [a_value(member, random, depth + 1) for _ in range(random.choice([0, 1, 1, 2]))]
    if shape.kind == "map":
        return {a_value(shape.part("key"), random): a_value(shape.part("value"), random, depth + 1)}
    if shape.kind == "string":
        known = shape.trait("enum")
        return random.choice(known) if known and random.random() < 0.6 else random.choice(TEXTS)
    return random.choice(
        {
            "boolean": [True, False],
            "blob": [b"", b"x", b"\xff\xfe"],
            "float": [0.0, 1.5],
            "double": [0.0, -1e300],
            "timestamp": [0, 1.5, 4e9],
        }.get(shape.kind, NUMBERS)
    )


def places(shape: Shape, value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Shape]]:
    """Every place in a request that has a value or could have one."""
    if shape.kind == "structure" and isinstance(value, dict):
        for name, member in shape.members.items():
            yield (*path, name), member
            if name in value:
                yield from places(member, value[name], (*path, name))
    elif shape.kind == "list" and isinstance(value, list):
        for index, item in enumerate(value):
            yield (*path, index), shape.part("member")
            yield from places(shape.part("member"), item, (*path, index))


def varied(shape: Shape, request: dict[str, Any], random: Random) -> dict[str, Any]:
    """The request with one to three changes."""
    changed = copy.deepcopy(request)
    for _ in range(random.choice([1, 1, 2, 3])):
        found = list(places(shape, changed))
        if not found:
            break
        path, member = random.choice(found)
        holder = changed
        for step in path[:-1]:
            holder = holder[step]
        if isinstance(path[-1], str) and random.random() < 0.2:
            holder.pop(path[-1], None)
        else:
            holder[path[-1]] = a_value(member, random, len(path))
    return changed


def unvalidated_client(api: Api, service: str) -> Any:
    """A client that sends whatever it is told to."""
    client = api.client(service)
    protocol = client.meta.service_model.resolved_protocol
    client._serializer = create_serializer(protocol, include_validation=False)
    return client


def status_of(client: Any, operation: str, request: dict[str, Any]) -> int:
    try:
        answer = getattr(client, xform_name(operation))(**request)
    except ClientError as error:
        answer = error.response
    return int(answer["ResponseMetadata"]["HTTPStatusCode"])


@pytest.mark.parametrize("service", SERVICES)
def test_no_request_makes_an_operation_fail(service: str) -> None:
    api = region()
    asked = requests(inhabited(api))[service]
    client = unvalidated_client(api, service)
    failures = []
    for operation, request in asked.items():
        shape, random = model_for(service, operation).input_shape(operation), Random(f"{service} {operation}")
        assert status_of(client, operation, request) < 500
        for _ in range(VARIATIONS if shape else 0):
            assert shape is not None
            variation = varied(shape, request, random)
            if status_of(client, operation, variation) >= 500:
                failures.append(f"{operation} {json.dumps(variation, default=str)[:500]}")
    assert failures == []


def test_most_operations_are_asked() -> None:
    """So that the test above is not about a handful: what it leaves out needs a region in another state."""
    named = requests(inhabited(region()))
    for front_end in front_ends():
        asked = set(named[front_end.service])
        assert asked <= set(front_end.operations)
        assert len(asked) >= 0.7 * len(front_end.operations), front_end.service
