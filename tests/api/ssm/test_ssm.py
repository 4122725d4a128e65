"""The public parameters that give the ECS-optimised images."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tidegate.control.api import ec2, ssm
from tidegate.testing.api import Api, api_context

ROOT = "/aws/service/ecs/optimized-ami"


@pytest.fixture
def api() -> Api:
    return Api(api_context(), [ssm.FRONT_END, ec2.FRONT_END])


@pytest.fixture
def client(api: Api) -> Any:
    return api.client("ssm")


@pytest.mark.parametrize("family", ["amazon-linux-2", "amazon-linux-2023"])
def test_the_recommended_image_is_one_that_ec2_has(api: Api, client: Any, family: str) -> None:
    name = f"{ROOT}/{family}/recommended/image_id"
    parameter = client.get_parameter(Name=name, WithDecryption=True)["Parameter"]
    assert parameter["Type"] == "String"
    assert parameter["Version"] == 1
    assert parameter["ARN"] == f"arn:aws:ssm:us-east-1::parameter{name}"
    (image,) = api.client("ec2").describe_images(ImageIds=[parameter["Value"]])["Images"]
    whole = json.loads(client.get_parameter(Name=f"{ROOT}/{family}/recommended")["Parameter"]["Value"])
    assert whole["image_id"] == image["ImageId"]
    assert whole["image_name"] == image["Name"]


def test_the_only_version_may_be_named(client: Any) -> None:
    name = f"{ROOT}/amazon-linux-2/recommended/os"
    assert client.get_parameter(Name=f"{name}:1")["Parameter"]["Value"] == "Amazon Linux 2"
    with pytest.raises(ClientError, match="ParameterNotFound"):
        client.get_parameter(Name=f"{name}:2")


def test_unknown_parameters_are_listed_apart(client: Any) -> None:
    name = f"{ROOT}/amazon-linux-2/recommended/os"
    answer = client.get_parameters(Names=[name, "/mine"])
    assert [parameter["Name"] for parameter in answer["Parameters"]] == [name]
    assert answer["InvalidParameters"] == ["/mine"]
    with pytest.raises(ClientError, match="ParameterNotFound"):
        client.get_parameter(Name="/mine")


def test_a_path_is_listed_page_by_page(client: Any) -> None:
    pages = client.get_paginator("get_parameters_by_path").paginate(Path=ROOT, Recursive=True)
    names = [parameter["Name"] for page in pages for parameter in page["Parameters"]]
    assert len(names) == len(set(names)) > 10
    shallow = client.get_parameters_by_path(Path=f"{ROOT}/amazon-linux-2/recommended")["Parameters"]
    assert {parameter["Name"].rsplit("/", 1)[1] for parameter in shallow} >= {"image_id", "os"}
    assert client.get_parameters_by_path(Path=ROOT)["Parameters"] == []


def test_private_parameters_are_refused_by_name(client: Any) -> None:
    with pytest.raises(ClientError, match="PutParameter"):
        client.put_parameter(Name="/mine", Value="x", Type="String")
