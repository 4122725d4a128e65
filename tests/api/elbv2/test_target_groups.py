"""Target groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def _described(client: Any, arn: str) -> dict[str, Any]:
    found: dict[str, Any] = client.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"][0]
    return found


@pytest.mark.proves("operation:CreateTargetGroup")
def test_a_target_group_is_described_with_every_default(client: Any, group: str, vpc: str) -> None:
    found = _described(client, group)
    assert found == {
        "TargetGroupArn": group,
        "TargetGroupName": "web",
        "Protocol": "HTTP",
        "Port": 5000,
        "VpcId": vpc,
        "HealthCheckProtocol": "HTTP",
        "HealthCheckPort": "traffic-port",
        "HealthCheckEnabled": True,
        "HealthCheckIntervalSeconds": 30,
        "HealthCheckTimeoutSeconds": 5,
        "HealthyThresholdCount": 5,
        "UnhealthyThresholdCount": 2,
        "HealthCheckPath": "/",
        "Matcher": {"HttpCode": "200"},
        "LoadBalancerArns": [],
        "TargetType": "instance",
        "ProtocolVersion": "HTTP1",
        "IpAddressType": "ipv4",
    }


def test_the_same_again_is_the_same_group(refused: Any, group: str, make_group: Callable[..., str]) -> None:
    assert make_group() == group
    with refused("DuplicateTargetGroupName", "but with different settings"):
        make_group(Port=5001)
    with refused("DuplicateTargetGroupName"):
        make_group(HealthCheckPath="/ping")


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"Name": "x" * 33}, "Target group name 'x+' cannot be longer than '32' characters"),
        ({"Name": "web_1"}, "at 'targetGroupName' failed to satisfy constraint"),
        ({"VpcId": "vpc-0"}, "The VPC ID 'vpc-0' is not found"),
        ({"VpcId": "vpc-0", "HealthCheckTimeoutSeconds": 60}, "The VPC ID 'vpc-0' is not found"),
        ({"HealthCheckTimeoutSeconds": 30}, "timeout '30' must be smaller than the interval '30'"),
        ({"HealthCheckPath": "ping"}, "Health check path 'ping' must begin with '/'"),
        ({"HealthCheckPort": "65536"}, "must be within '1-65535' or 'traffic-port'"),
        ({"HealthCheckProtocol": "TCP"}, "Health check protocol 'TCP' must be one of 'HTTP, HTTPS'"),
        ({"HealthCheckEnabled": False}, "Health check enabled must be true"),
        ({"Matcher": {"HttpCode": "200-599"}}, "HTTP code '599' must be within '200-499' inclusive"),
        ({"Matcher": {"GrpcCode": "0"}}, "Health check matcher HTTP code cannot be empty"),
        ({"ProtocolVersion": "HTTP/2"}, r"must be one of '\[HTTP2, HTTP1, GRPC\]'"),
        ({"Protocol": "HTTPP"}, "Value 'HTTPP' at 'protocol' failed to satisfy constraint"),
        ({"HealthyThresholdCount": 11}, "Member must have value less than or equal to 10"),
    ],
)
def test_bad_settings_are_refused_in_awss_words(
    client: Any, refused: Any, vpc: str, members: dict[str, Any], text: str
) -> None:
    arguments = {"Name": "web", "Protocol": "HTTP", "Port": 5000, "VpcId": vpc, **members}
    with refused("ValidationError", text):
        client.create_target_group(**arguments)


@pytest.mark.parametrize("missing", [("Protocol", "A protocol"), ("Port", "A port"), ("VpcId", "A VPC ID")])
def test_protocol_port_and_vpc_must_be_given(
    client: Any, refused: Any, vpc: str, missing: tuple[str, str]
) -> None:
    arguments: dict[str, Any] = {"Name": "web", "Protocol": "HTTP", "Port": 5000, "VpcId": vpc}
    del arguments[missing[0]]
    with refused("ValidationError", f"{missing[1]} must be specified"):
        client.create_target_group(**arguments)


def test_a_matcher_that_is_none_is_refused(make_group: Callable[..., str], refused: Any) -> None:
    with refused("InvalidParameterValue", "HttpCode must be like"):
        make_group(Matcher={"HttpCode": "2xx"})


@pytest.mark.parametrize(
    "member",
    [
        {"Protocol": "TCP"},
        {"TargetType": "lambda"},
        {"TargetType": "alb"},
        {"IpAddressType": "ipv6"},
        {"TargetControlPort": 9000},
    ],
)
def test_what_is_not_served_is_refused_by_name(
    make_group: Callable[..., str], refused: Any, member: dict[str, Any]
) -> None:
    with refused("InvalidConfigurationRequest", "Tidegate"):
        make_group(**member)


def test_an_https_group_checks_health_over_http_unless_told_otherwise(
    client: Any, make_group: Callable[..., str]
) -> None:
    found = _described(client, make_group("plain", Protocol="HTTPS"))
    assert (found["Protocol"], found["HealthCheckProtocol"]) == ("HTTPS", "HTTP")
    found = _described(client, make_group("secure", Protocol="HTTPS", HealthCheckProtocol="HTTPS"))
    assert (found["Protocol"], found["HealthCheckProtocol"]) == ("HTTPS", "HTTPS")


def test_a_grpc_group_checks_a_method_for_grpc_codes(
    client: Any, refused: Any, make_group: Callable[..., str]
) -> None:
    grpc = make_group("grpc", ProtocolVersion="GRPC")
    found = _described(client, grpc)
    assert found["ProtocolVersion"] == "GRPC"
    assert found["HealthCheckPath"] == "/AWS.ALB/healthcheck"
    assert found["Matcher"] == {"GrpcCode": "12"}
    client.modify_target_group(TargetGroupArn=grpc, Matcher={"GrpcCode": "0,12-16"})
    assert _described(client, grpc)["Matcher"] == {"GrpcCode": "0,12-16"}
    for matcher, code, text in (
        ({"GrpcCode": "120"}, "ValidationError", "GRPC code '120' must be within '0-99' inclusive"),
        ({"HttpCode": "200"}, "ValidationError", "Health check matcher GRPC code cannot be empty"),
        ({"GrpcCode": "0-"}, "InvalidParameterValue", "GrpcCode must be like"),
    ):
        with refused(code, text):
            client.modify_target_group(TargetGroupArn=grpc, Matcher=matcher)


def test_an_http2_group_matches_http_statuses(client: Any, make_group: Callable[..., str]) -> None:
    found = _described(client, make_group("h2", ProtocolVersion="HTTP2", Matcher={"HttpCode": "200,301"}))
    assert (found["ProtocolVersion"], found["Matcher"]) == ("HTTP2", {"HttpCode": "200,301"})


def test_another_protocol_version_is_another_group(make_group: Callable[..., str], refused: Any) -> None:
    make_group()
    with refused("DuplicateTargetGroupName"):
        make_group(ProtocolVersion="HTTP2")


def test_an_empty_protocol_version_is_none(make_group: Callable[..., str]) -> None:
    make_group(ProtocolVersion="")


@pytest.mark.proves("operation:ModifyTargetGroup")
def test_a_changed_health_check_keeps_what_was_not_given(client: Any, group: str) -> None:
    client.modify_target_group(TargetGroupArn=group, HealthCheckPath="/ping", HealthCheckIntervalSeconds=6)
    found = _described(client, group)
    assert (found["HealthCheckPath"], found["HealthCheckIntervalSeconds"]) == ("/ping", 6)
    assert found["HealthCheckTimeoutSeconds"] == 5


def test_the_timeout_is_compared_with_the_present_interval(client: Any, refused: Any, group: str) -> None:
    with refused("ValidationError", "timeout '5' must be smaller than the interval '5'"):
        client.modify_target_group(TargetGroupArn=group, HealthCheckIntervalSeconds=5)


@pytest.mark.usefixtures("listener")
def test_a_group_in_use_names_its_load_balancer_and_stays(
    client: Any, refused: Any, group: str, balancer: str
) -> None:
    assert _described(client, group)["LoadBalancerArns"] == [balancer]
    of_balancer = client.describe_target_groups(LoadBalancerArn=balancer)["TargetGroups"]
    assert [one["TargetGroupArn"] for one in of_balancer] == [group]
    with refused("ResourceInUse", "is currently in use by a listener or a rule"):
        client.delete_target_group(TargetGroupArn=group)


@pytest.mark.proves("operation:DeleteTargetGroup")
def test_a_group_is_deleted_with_its_targets(client: Any, refused: Any, group: str, instance: str) -> None:
    client.register_targets(TargetGroupArn=group, Targets=[{"Id": instance}])
    client.delete_target_group(TargetGroupArn=group)
    client.delete_target_group(TargetGroupArn=group)
    with refused("TargetGroupNotFound"):
        client.describe_target_groups(TargetGroupArns=[group])
    with refused("TargetGroupNotFound", "One or more target groups not found"):
        client.describe_target_groups(Names=["web"])


@pytest.mark.proves("operation:DescribeTargetGroups")
def test_groups_are_selected_in_one_way_only(client: Any, refused: Any, group: str) -> None:
    with refused("ValidationError", "cannot be specified at the same time"):
        client.describe_target_groups(Names=["web"], TargetGroupArns=[group])
