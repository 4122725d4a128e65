"""What botocore sends we read as it was meant, and what we answer botocore reads as it was meant.

Every operation of every service, in each protocol that its clients speak. The reference implementation
checks us: no expected bytes are written down here.
"""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from tidegate.wire import protocols
from tidegate.wire.cbor_bodies import cbor_parser
from tidegate.wire.forms import form_parser
from tidegate.wire.json_bodies import json_parser
from tidegate.wire.models import OWN_MODELS, model_for
from tidegate.wire.reduced import EC2_OPERATIONS
from tidegate.wire.services import SIGNING_NAMES

from .shape_values import ValueMaker

SEEDS = (1, 2)
SPOKEN = {
    "acm": ("json",),
    "application-autoscaling": ("json",),
    "cloudwatch": ("json", "query", "cbor"),
    "ec2": ("ec2",),
    "ecs": ("json",),
    "elbv2": ("query",),
    "iam": ("query",),
    "logs": ("json",),
    "ssm": ("json",),
    "sts": ("query",),
    "tidegate": ("json",),
}
# botocore's names of the protocols, where ours differ.
NAMES = {"cbor": "smithy-rpc-v2-cbor"}
# Documents, that is bodies that can say all that a value holds.
DOCUMENTS = ("json", "cbor")
# Answers that are streams of events, not one document.
STREAMS = {("logs", "GetLogObject"), ("logs", "StartLiveTail")}


@cache
def reference(service: str) -> ServiceModel:
    loader = Loader(extra_search_paths=[str(OWN_MODELS)])
    return ServiceModel(loader.load_service_model(service, "service-2"), service)


def operations(service: str) -> tuple[str, ...]:
    return EC2_OPERATIONS if service == "ec2" else tuple(reference(service).operation_names)


CASES = [
    pytest.param(service, protocol, operation, id=f"{service}-{protocol}-{operation}")
    for service, spoken in SPOKEN.items()
    for protocol in spoken
    for operation in operations(service)
    if (service, operation) not in STREAMS
]


def test_every_service_of_the_table_is_tried() -> None:
    assert set(SPOKEN) == set(SIGNING_NAMES)


@pytest.mark.parametrize(("service", "protocol", "operation"), CASES)
def test_a_request_is_read_as_it_was_meant(service: str, protocol: str, operation: str) -> None:
    model = reference(service).operation_model(operation)
    for seed in SEEDS:
        meant = ValueMaker(seed).value(model.input_shape) if model.input_shape else {}
        asked = _asked(service, protocol, model, meant)
        assert (asked.protocol, asked.service, asked.operation) == (protocol, service, operation)
        assert _parsed(asked) == (meant if protocol in DOCUMENTS else _in_a_form(meant))


@pytest.mark.parametrize(("service", "protocol", "operation"), CASES)
def test_an_answer_is_read_as_it_was_meant(service: str, protocol: str, operation: str) -> None:
    model = reference(service).operation_model(operation)
    codec = protocols.codec(protocol, service, operation)
    for seed in SEEDS:
        meant = ValueMaker(seed).value(model.output_shape) if model.output_shape else {}
        response = {"status_code": 200, "headers": {}, "body": codec.serialise(meant, "the-request-id")}
        read = create_parser(NAMES.get(protocol, protocol)).parse(response, model.output_shape)
        metadata = read.pop("ResponseMetadata", {})
        assert read == meant
        if protocol not in DOCUMENTS:
            assert metadata["RequestId"] == "the-request-id"


@pytest.mark.parametrize("service", sorted(SPOKEN))
def test_an_answer_leaves_out_members_that_are_none(service: str) -> None:
    protocol = SPOKEN[service][0]
    for operation in operations(service)[:20]:
        shape = reference(service).operation_model(operation).output_shape
        if shape is None or (service, operation) in STREAMS:
            continue
        body = protocols.codec(protocol, service, operation).serialise(dict.fromkeys(shape.members), "id")
        read = create_parser(protocol).parse({"status_code": 200, "headers": {}, "body": body}, shape)
        assert {name: value for name, value in read.items() if name != "ResponseMetadata"} == {}


def test_an_answer_with_a_member_that_the_model_has_not_is_a_bug() -> None:
    codec = protocols.codec("json", "ecs", "DescribeClusters")
    with pytest.raises(AssertionError, match="Cluster has no member nmae"):
        codec.serialise({"clusters": [{"nmae": "x"}]}, "id")


def _asked(service: str, protocol: str, model: OperationModel, parameters: dict[str, Any]) -> protocols.Asked:
    serializer = create_serializer(
        NAMES.get(protocol, protocol), include_validation=False, timestamp_precision="millisecond"
    )
    request = serializer.serialize_to_request(parameters, model)
    headers = {name.lower(): value for name, value in request["headers"].items()}
    body = request["body"]
    if isinstance(body, dict):
        # botocore hands the form to its HTTP client, which encodes it.
        body = urlencode(body, doseq=True).encode()
    return protocols.asked(headers, "", body, SIGNING_NAMES[service], request["url_path"])


def _parsed(asked: protocols.Asked) -> dict[str, Any]:
    """Parsed without the constraints: the made values know nothing of patterns and lengths."""
    assert asked.service is not None
    shape = model_for(asked.service, asked.operation).input_shape(asked.operation)
    if asked.protocol == "json":
        return json_parser(shape)(asked.content)
    if asked.protocol == "cbor":
        return cbor_parser(shape)(asked.content)
    return form_parser(shape, is_ec2=asked.protocol == "ec2")(asked.content)


def _in_a_form(value: Any) -> Any:
    """What of a value a form can say: a structure without members has no name to be sent under."""
    if isinstance(value, dict):
        said = {name: _in_a_form(item) for name, item in value.items()}
        return {name: item for name, item in said.items() if item != {}}
    if isinstance(value, list):
        return [_in_a_form(item) for item in value]
    return value
