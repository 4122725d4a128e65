"""Constraint violations, in AWS's grammar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tidegate.wire import Fault
from tidegate.wire.constraints import constraints
from tidegate.wire.models import service_model


def violation(service: str, operation: str, parameters: Mapping[str, Any]) -> Fault:
    with pytest.raises(Fault) as raised:
        constraints(service, service_model(service).input_shape(operation))(parameters)
    return raised.value


def accepts(service: str, operation: str, parameters: Mapping[str, Any]) -> None:
    constraints(service, service_model(service).input_shape(operation))(parameters)


def test_a_missing_required_member_is_null() -> None:
    fault = violation("elbv2", "CreateTrustStore", {"Name": "n", "CaCertificatesBundleS3Key": "k"})
    assert fault.code == "ValidationError"
    assert fault.message == (
        "1 validation error detected: Value null at 'caCertificatesBundleS3Bucket' failed to satisfy "
        "constraint: Member must not be null"
    )


def test_an_enumeration_is_compared_with_case_and_listed_in_the_models_order() -> None:
    fault = violation("elbv2", "CreateLoadBalancer", {"Name": "n", "Scheme": "Internal"})
    assert fault.message == (
        "1 validation error detected: Value 'Internal' at 'scheme' failed to satisfy constraint: "
        "Member must satisfy enum value set: [internet-facing, internal]"
    )


def test_list_members_are_counted_from_one_and_paths_are_in_lower_camel_case() -> None:
    action = {"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_303"}}
    fault = violation("elbv2", "CreateListener", {"LoadBalancerArn": "a", "DefaultActions": [action]})
    assert fault.message == (
        "1 validation error detected: Value 'HTTP_303' at "
        "'defaultActions.1.member.redirectConfig.statusCode' failed to satisfy constraint: "
        "Member must satisfy enum value set: [HTTP_301, HTTP_302]"
    )


def test_several_violations_are_counted_and_joined() -> None:
    fault = violation("elbv2", "CreateTargetGroup", {"Name": "n", "Protocol": "SMTP", "Port": 0})
    assert fault.message.startswith("2 validation errors detected: Value 'SMTP' at 'protocol' failed")
    assert fault.message.endswith(
        "; Value '0' at 'port' failed to satisfy constraint: "
        "Member must have value greater than or equal to 1"
    )


def test_too_high_a_number_and_too_short_or_long_a_text_name_their_bound() -> None:
    port = violation("elbv2", "CreateTargetGroup", {"Name": "n", "Port": 65536})
    assert "Member must have value less than or equal to 65535" in port.message
    role = violation("iam", "GetRole", {"RoleName": ""})
    assert "Member must have length greater than or equal to 1" in role.message
    role = violation("iam", "GetRole", {"RoleName": "r" * 65})
    assert "Member must have length less than or equal to 64" in role.message


def test_a_list_of_the_wrong_length_is_quoted_as_java_prints_it() -> None:
    tags = violation("elbv2", "AddTags", {"ResourceArns": ["a"], "Tags": []})
    assert "Value '[]' at 'tags' failed to satisfy constraint" in tags.message
    many = [{"Key": "a", "Value": "1"}] * 51
    role = {"RoleName": "r", "AssumeRolePolicyDocument": "{}", "Tags": many}
    fault = violation("iam", "CreateRole", role)
    assert "Value '[Tag(key=a, value=1), Tag(key=a, value=1), " in fault.message


def test_a_pattern_holds_for_the_whole_text() -> None:
    fault = violation("iam", "GetRole", {"RoleName": "with space"})
    assert fault.message == (
        "1 validation error detected: Value 'with space' at 'roleName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [\\w+=,.@-]+"
    )
    assert "pattern" in violation("iam", "GetRole", {"RoleName": "ümlaut"}).message


def test_a_tags_letters_are_those_of_any_language() -> None:
    accepts("elbv2", "AddTags", {"ResourceArns": ["a"], "Tags": [{"Key": "Größe 日本", "Value": "a b"}]})
    fault = violation("elbv2", "AddTags", {"ResourceArns": ["a"], "Tags": [{"Key": "a*"}]})
    assert "at 'tags.1.member.key'" in fault.message


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("application-autoscaling", "RegisterScalableTarget", "ValidationException"),
        ("ecs", "CreateService", "InvalidParameterException"),
        ("ecs", "RegisterTaskDefinition", "ClientException"),
        ("elbv2", "CreateTargetGroup", "ValidationError"),
        ("iam", "CreateRole", "ValidationError"),
        ("logs", "CreateLogGroup", "InvalidParameterException"),
        ("ssm", "GetParameter", "ValidationException"),
    ],
)
def test_each_service_has_its_own_code(service: str, operation: str, code: str) -> None:
    assert violation(service, operation, {}).code == code


def test_ecs_judges_values_in_its_operations() -> None:
    accepts("ecs", "CreateService", {"serviceName": "s", "launchType": "MOON"})


def test_ec2_asks_for_its_required_parameters_in_its_own_words() -> None:
    fault = violation("ec2", "AttachInternetGateway", {"VpcId": "vpc-1"})
    assert (fault.code, fault.message) == (
        "MissingParameter",
        "The request must contain the parameter InternetGatewayId",
    )


def test_an_operation_without_input_has_nothing_to_break() -> None:
    accepts("iam", "ListAccountAliases", {})
    constraints("sts", None)({})


def test_characters_beyond_the_basic_plane_are_let_through_and_control_characters_are_not() -> None:
    given = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}
    named = {**given, "ResourceId": "service/\U0001f6d2/web"}
    accepts("application-autoscaling", "DeregisterScalableTarget", named)
    bad = {**given, "ResourceId": "service/\x00/web"}
    fault = violation("application-autoscaling", "DeregisterScalableTarget", bad)
    assert "at 'resourceId' failed to satisfy constraint: Member must satisfy regular" in fault.message


def test_what_cannot_be_printed_is_no_name_of_a_policy() -> None:
    given = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount", "ResourceId": "r"}
    for name in ("a b~", "a\n", "é"):
        request = {**given, "PolicyName": name}
        if name == "a b~":
            accepts("application-autoscaling", "PutScalingPolicy", request)
        else:
            violation("application-autoscaling", "PutScalingPolicy", request)


def test_a_text_that_is_too_long_is_refused_for_that_alone_and_at_once() -> None:
    given = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount", "ResourceId": "r"}
    # Of this the pattern would take hours.
    name = f"a{' ' * 200_000}:"
    fault = violation("application-autoscaling", "PutScheduledAction", {**given, "ScheduledActionName": name})
    assert fault.message.startswith("1 validation error detected: ")
    assert fault.message.endswith("Member must have length less than or equal to 256")
