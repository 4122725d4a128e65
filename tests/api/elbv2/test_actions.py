"""Actions of listeners."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[..., str]


def _action(client: Any, listener: str) -> dict[str, Any]:
    found = client.describe_listeners(ListenerArns=[listener])["Listeners"][0]
    action: dict[str, Any] = found["DefaultActions"][0]
    return action


def test_a_weighted_forward_has_no_single_group(client: Any, make_listener: Make, make_group: Make) -> None:
    weights = {make_group("blue"): 80, make_group("green"): 0}
    groups = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in weights.items()]
    stickiness = {"Enabled": False, "DurationSeconds": 600}
    config = {"TargetGroups": groups, "TargetGroupStickinessConfig": stickiness}
    action = _action(client, make_listener({"Type": "forward", "Order": 1, "ForwardConfig": config}))
    assert action == {"Type": "forward", "Order": 1, "ForwardConfig": config}
    for arn in weights:
        with pytest.raises(Exception, match="currently in use by a listener or a rule"):
            client.delete_target_group(TargetGroupArn=arn)


def test_a_redirect_is_shown_with_its_defaults(client: Any, make_listener: Make) -> None:
    config = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    action = _action(client, make_listener({"Type": "redirect", "RedirectConfig": config}))
    assert action["RedirectConfig"] == {
        **config,
        "Host": "#{host}",
        "Path": "/#{path}",
        "Query": "#{query}",
    }


def test_a_fixed_response_is_kept(client: Any, make_listener: Make) -> None:
    config = {"StatusCode": "503", "ContentType": "text/plain", "MessageBody": "closed"}
    action = _action(client, make_listener({"Type": "fixed-response", "FixedResponseConfig": config}))
    assert action["FixedResponseConfig"] == config


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({"StatusCode": "HTTP_301"}, "because it creates a loop"),
        ({"StatusCode": "HTTP_301", "Query": "a=b"}, "because it creates a loop"),
        ({"StatusCode": "HTTP_301", "Protocol": "HTTP", "Port": "80"}, "because it creates a loop"),
        ({"StatusCode": "HTTP_301", "Path": "x"}, "The Path parameter must be a valid path"),
        ({"StatusCode": "HTTP_301", "Path": "/#{path}/#{path}"}, "The Path parameter must be a valid path"),
        ({"StatusCode": "HTTP_301", "Port": "70000"}, "The Port parameter must be either an integer"),
    ],
)
def test_a_redirect_that_leads_nowhere_is_refused(
    make_listener: Make, refused: Any, config: dict[str, str], text: str
) -> None:
    with refused("InvalidLoadBalancerAction", text):
        make_listener({"Type": "redirect", "RedirectConfig": config})


@pytest.mark.parametrize(
    ("action", "code", "text"),
    [
        ({"Type": "redirect"}, "ValidationError", "must specify the following fields: 'RedirectConfig'"),
        ({"Type": "fixed-response"}, "ValidationError", "following fields: 'FixedResponseConfig'"),
        ({"Type": "forward"}, "ValidationError", "you must specify the following fields"),
        (
            {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "ContentType": "a/b"}},
            "InvalidLoadBalancerAction",
            "The ContentType must be one of:'text/html'",
        ),
        (
            {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "302"}},
            "ValidationError",
            "fixedResponseConfig.statusCode",
        ),
        (
            {
                "Type": "authenticate-cognito",
                "AuthenticateCognitoConfig": {
                    "UserPoolArn": "a",
                    "UserPoolClientId": "b",
                    "UserPoolDomain": "c",
                },
            },
            "InvalidLoadBalancerAction",
            "are supported only on HTTPS listeners",
        ),
        ({"Type": "teleport"}, "ValidationError", "at 'defaultActions.1.member.type'"),
    ],
)
def test_an_action_that_cannot_act_is_refused(
    make_listener: Make, refused: Any, action: dict[str, Any], code: str, text: str
) -> None:
    with refused(code, text):
        make_listener(action)


def test_group_and_list_must_agree(make_listener: Make, make_group: Make, refused: Any) -> None:
    blue, green = make_group("blue"), make_group("green")
    config = {"TargetGroups": [{"TargetGroupArn": green}]}
    with refused("ValidationError", "only if the ARNs match"):
        make_listener({"Type": "forward", "TargetGroupArn": blue, "ForwardConfig": config})


@pytest.mark.parametrize(
    ("weights", "text"),
    [
        ((0,), "must be between 1 and 999, inclusive"),
        ((1000, 1), "must be between 0 and 999, inclusive"),
        ((1, None), "must be between 0 and 999, inclusive"),
        ((1, 1, 1, 1, 1, 1), "You cannot specify more than 5 target groups per action"),
    ],
)
def test_weights_have_bounds(
    make_listener: Make, make_group: Make, refused: Any, weights: tuple[int | None, ...], text: str
) -> None:
    groups: list[dict[str, Any]] = []
    for number, weight in enumerate(weights):
        entry: dict[str, Any] = {"TargetGroupArn": make_group(f"group-{number}")}
        groups.append(entry if weight is None else {**entry, "Weight": weight})
    with refused("ValidationError", text):
        make_listener({"Type": "forward", "ForwardConfig": {"TargetGroups": groups}})


def _sticky(*arns: str, enabled: bool = True, seconds: int | None = 60) -> dict[str, Any]:
    stickiness: dict[str, Any] = {"Enabled": enabled}
    if seconds is not None:
        stickiness["DurationSeconds"] = seconds
    groups = [{"TargetGroupArn": arn, "Weight": 1} for arn in arns]
    config = {"TargetGroups": groups, "TargetGroupStickinessConfig": stickiness}
    return {"Type": "forward", "ForwardConfig": config}


def test_clients_can_stick_to_a_group(client: Any, make_listener: Make, make_group: Make) -> None:
    action = _sticky(make_group("blue"), make_group("green"), seconds=3600)
    assert _action(client, make_listener(action)) == action


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "You must provide a duration when enabling target group stickiness"),
        (0, "Target group stickiness duration must be between 1 and 604800 seconds"),
        (604801, "Target group stickiness duration must be between 1 and 604800 seconds"),
    ],
)
def test_stickiness_between_groups_has_a_bounded_duration(
    make_listener: Make, make_group: Make, refused: Any, seconds: int | None, text: str
) -> None:
    with refused("ValidationError", text):
        make_listener(_sticky(make_group("blue"), make_group("green"), seconds=seconds))


def test_sticky_targets_need_sticky_groups(
    client: Any, make_listener: Make, make_group: Make, refused: Any
) -> None:
    blue, green = make_group("blue"), make_group("green")
    attributes = [{"Key": "stickiness.enabled", "Value": "true"}]
    client.modify_target_group_attributes(TargetGroupArn=green, Attributes=attributes)
    with refused("InvalidLoadBalancerAction", "You must enable group stickiness on a rule"):
        make_listener(_sticky(blue, green, enabled=False))
    assert make_listener(_sticky(blue, green))


def test_application_cookies_do_not_go_with_several_groups(
    client: Any, make_listener: Make, make_group: Make, refused: Any
) -> None:
    blue, green = make_group("blue"), make_group("green")
    values = {
        "stickiness.enabled": "true",
        "stickiness.type": "app_cookie",
        "stickiness.app_cookie.cookie_name": "session",
    }
    attributes = [{"Key": key, "Value": value} for key, value in values.items()]
    client.modify_target_group_attributes(TargetGroupArn=green, Attributes=attributes)
    with refused("InvalidLoadBalancerAction", "stickiness of type 'app_cookie' enabled"):
        make_listener(_sticky(blue, green))
    assert make_listener({"Type": "forward", "TargetGroupArn": green})


def test_a_group_is_named_once_per_action(make_listener: Make, group: str, refused: Any) -> None:
    with refused("ValidationError", "can be specified only once"):
        make_listener(_sticky(group, group))


def test_two_actions_cannot_both_end_a_request(client: Any, balancer: str, refused: Any) -> None:
    redirect = {"StatusCode": "HTTP_301", "Path": "/new"}
    actions = [
        {"Type": "redirect", "Order": 1, "RedirectConfig": redirect},
        {"Type": "fixed-response", "Order": 2, "FixedResponseConfig": {"StatusCode": "200"}},
    ]
    arguments = {"LoadBalancerArn": balancer, "Port": 80, "Protocol": "HTTP"}
    with refused("ValidationError", "Action types 'redirect,fixed-response' cannot be specified together"):
        client.create_listener(**arguments, DefaultActions=actions)
    del actions[0]["Order"]
    with refused("ValidationError", "you must specify an order for each action"):
        client.create_listener(**arguments, DefaultActions=actions)


def test_a_group_serves_one_load_balancer(
    client: Any, refused: Any, subnets: list[str], listener: str, group: str
) -> None:
    assert listener
    other = client.create_load_balancer(Name="other", Subnets=subnets[:2])["LoadBalancers"][0]
    with refused("TargetGroupAssociationLimit", "cannot be associated with more than one load balancer"):
        client.create_listener(
            LoadBalancerArn=other["LoadBalancerArn"],
            Port=80,
            Protocol="HTTP",
            DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
        )


def test_a_group_of_another_vpc_is_refused(
    network: Any, refused: Any, make_listener: Make, make_group: Make
) -> None:
    vpc = network.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    stranger = make_group("stranger", VpcId=vpc)
    with refused("InvalidConfigurationRequest", "are in a different VPC than load balancer"):
        make_listener({"Type": "forward", "TargetGroupArn": stranger})


@pytest.mark.parametrize("version", ["HTTP2", "GRPC"])
def test_http_listeners_do_not_reach_groups_that_speak_http2(
    client: Any, secure_listener: str, make_listener: Make, make_group: Make, refused: Any, version: str
) -> None:
    action = {"Type": "forward", "TargetGroupArn": make_group(ProtocolVersion=version)}
    text = f"'HTTP' is not supported with a target group with the protocol-version '{version}'"
    with refused("InvalidLoadBalancerAction", text):
        make_listener(action)
    client.modify_listener(ListenerArn=secure_listener, DefaultActions=[action])
    with refused("InvalidLoadBalancerAction", text):
        client.modify_listener(ListenerArn=secure_listener, Protocol="HTTP")


def test_https_groups_are_behind_listeners_of_either_protocol(
    client: Any, secure_listener: str, make_listener: Make, make_group: Make
) -> None:
    action = {"Type": "forward", "TargetGroupArn": make_group(Protocol="HTTPS")}
    assert make_listener(action)
    client.modify_listener(ListenerArn=secure_listener, DefaultActions=[action])


def test_a_group_that_is_gone_is_named(client: Any, refused: Any, make_listener: Make, group: str) -> None:
    client.delete_target_group(TargetGroupArn=group)
    with refused("TargetGroupNotFound", f"Target group '{group}' not found"):
        make_listener({"Type": "forward", "TargetGroupArn": group})
