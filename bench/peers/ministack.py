"""MiniStack's Application Load Balancer with the same rules, set up through its API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import boto3

from bench.peers import rules
from bench.peers.peer import Peer, Place, installed

_NAME = "bench"


def start(place: Place) -> Peer:
    """Over HTTP alone, where its load balancers answer. Raises MissingError, LoadFailedError."""
    environment = {"GATEWAY_PORT": str(place.http_port), "LOG_LEVEL": "ERROR"}
    peer = place.started("MiniStack", [installed("ministack")], environment)
    try:
        _furnish(place)
    except Exception:
        peer.stop()
        raise
    return replace(peer, addresses={"http": place.addresses["http"]}, prefix=f"/_alb/{_NAME}")


def _furnish(place: Place) -> None:
    client = boto3.client(
        "elbv2",
        endpoint_url=f"http://127.0.0.1:{place.http_port}",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    balancer = client.create_load_balancer(Name=_NAME, Subnets=["subnet-1", "subnet-2"])["LoadBalancers"][0]
    group = client.create_target_group(Name=_NAME, Protocol="HTTP", Port=80, VpcId="vpc-1", TargetType="ip")[
        "TargetGroups"
    ][0]["TargetGroupArn"]
    targets = [{"Id": one.address, "Port": one.port} for one in place.targets]
    client.register_targets(TargetGroupArn=group, Targets=targets)
    forward = [{"Type": "forward", "TargetGroupArn": group}]
    listener = client.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=forward
    )["Listeners"][0]["ListenerArn"]
    for priority, one in enumerate(rules.conditions(), 1):
        client.create_rule(
            ListenerArn=listener, Priority=priority, Conditions=_conditions(one), Actions=forward
        )


def _conditions(rule: Mapping[str, Sequence[str]]) -> list[dict[str, object]]:
    return [{"Field": field, "Values": list(values)} for field, values in rule.items()]
