"""Listeners and their default rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def _forward(group: str) -> dict[str, Any]:
    return {"Type": "forward", "TargetGroupArn": group}


def test_a_listener_shows_its_action_in_both_forms(client: Any, listener: str, group: str) -> None:
    (found,) = client.describe_listeners(ListenerArns=[listener])["Listeners"]
    assert (found["Port"], found["Protocol"]) == (80, "HTTP")
    (action,) = found["DefaultActions"]
    assert action["TargetGroupArn"] == group
    assert action["ForwardConfig"] == {
        "TargetGroups": [{"TargetGroupArn": group, "Weight": 1}],
        "TargetGroupStickinessConfig": {"Enabled": False},
    }
    assert "SslPolicy" not in found


@pytest.mark.proves("operation:CreateListener")
def test_the_same_again_is_the_same_listener(
    client: Any, refused: Any, balancer: str, listener: str, group: str
) -> None:
    arguments = {"LoadBalancerArn": balancer, "Port": 80, "Protocol": "HTTP"}
    again = client.create_listener(**arguments, DefaultActions=[_forward(group)])
    assert again["Listeners"][0]["ListenerArn"] == listener
    other = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
    with refused("DuplicateListener", "A listener already exists on this port for this load balancer"):
        client.create_listener(**arguments, DefaultActions=[other])


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"Port": None}, "A listener port must be specified"),
        ({"Protocol": None}, "A listener protocol must be specified"),
        ({"Protocol": "TCP"}, "Listener protocol 'TCP' must be one of 'HTTP, HTTPS'"),
        ({"SslPolicy": "ELBSecurityPolicy-2016-08"}, "An SSL policy cannot be specifed for HTTP listeners"),
        ({"Certificates": [{"CertificateArn": "arn:x"}]}, "A certificate cannot be specified for HTTP"),
        ({"AlpnPolicy": ["None"]}, "You cannot set ALPN policy"),
        (
            {"MutualAuthentication": {"Mode": "off"}},
            "Mutual Authentication cannot be set for non secure listeners",
        ),
    ],
)
def test_bad_settings_are_refused_in_awss_words(
    client: Any, refused: Any, balancer: str, group: str, members: dict[str, Any], text: str
) -> None:
    arguments = {"LoadBalancerArn": balancer, "Port": 80, "Protocol": "HTTP", **members}
    given = {name: value for name, value in arguments.items() if value is not None}
    with refused("ValidationError", text):
        client.create_listener(**given, DefaultActions=[_forward(group)])


@pytest.mark.proves("operation:ModifyListener")
def test_a_changed_listener_keeps_what_was_not_given(
    client: Any, refused: Any, listener: str, group: str, make_listener: Callable[..., str]
) -> None:
    client.modify_listener(ListenerArn=listener, Port=8080)
    (found,) = client.describe_listeners(ListenerArns=[listener])["Listeners"]
    assert (found["Port"], found["DefaultActions"][0]["TargetGroupArn"]) == (8080, group)
    make_listener(_forward(group), port=81)
    with refused("DuplicateListener"):
        client.modify_listener(ListenerArn=listener, Port=81)


@pytest.mark.proves("operation:DeleteListener")
def test_a_deleted_listener_frees_its_group_at_once(
    client: Any, refused: Any, listener: str, group: str
) -> None:
    client.delete_listener(ListenerArn=listener)
    client.delete_target_group(TargetGroupArn=group)
    with refused("ListenerNotFound", "One or more listeners not found"):
        client.delete_listener(ListenerArn=listener)


@pytest.mark.proves("operation:DescribeListeners")
def test_listeners_are_asked_for_by_arn_or_by_load_balancer(
    client: Any, refused: Any, balancer: str, listener: str
) -> None:
    found = client.describe_listeners(LoadBalancerArn=balancer)["Listeners"]
    assert [one["ListenerArn"] for one in found] == [listener]
    with refused("ValidationError", "You must specify either listener ARNs or a load balancer ARN"):
        client.describe_listeners()
