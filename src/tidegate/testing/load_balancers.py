"""Rows of load balancers with good defaults: a test names only what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tidegate.domain.acm import IMPORTED, Certificate
from tidegate.domain.arns import arn_name
from tidegate.domain.ec2 import PermissionPeer, SecurityGroup, SecurityGroupRule
from tidegate.domain.elbv2 import (
    Action,
    ForwardConfig,
    Listener,
    LoadBalancer,
    Rule,
    RuleCondition,
    WeightedTargetGroup,
    ZoneMapping,
)
from tidegate.testing.builders import ARNS, BEFORE, GROUP_ARN, VPC


def a_load_balancer(**more: Any) -> LoadBalancer:
    """Active, in two zones, with no security group."""
    row = LoadBalancer(
        arn=ARNS.load_balancer("web", "1"),
        name="web",
        dns_name="web-1.us-east-1.elb.localhost",
        canonical_hosted_zone_id="Z",
        vpc_id=VPC,
        zones=tuple(
            ZoneMapping(zone_name=f"us-east-1{letter}", subnet_id=f"subnet-0000000000000000{letter}")
            for letter in "ab"
        ),
        address="127.80.2.1",
        state="active",
        created_at=BEFORE,
    )
    return replace(row, **more)


def forward_to(*arns: str, **more: Any) -> Action:
    """To these groups, in equal parts."""
    groups = tuple(WeightedTargetGroup(target_group_arn=arn) for arn in arns)
    return Action(type="forward", forward=ForwardConfig(target_groups=groups, **more))


def a_listener(port: int = 80, *actions: Action, **more: Any) -> Listener:
    """Of `a_load_balancer`; it forwards to the group `web` unless told otherwise."""
    row = Listener(
        arn=ARNS.listener("web", "1", f"{port}"),
        load_balancer_arn=ARNS.load_balancer("web", "1"),
        port=port,
        protocol="HTTP",
        default_actions=actions or (forward_to(GROUP_ARN),),
        created_at=BEFORE,
    )
    return replace(row, **more)


def a_rule(priority: int = 1, *actions: Action, of: Listener | None = None, **more: Any) -> Rule:
    """Of `a_listener`: it forwards one path to the group `web` unless told otherwise."""
    listener = of or a_listener()
    row = Rule(
        arn=ARNS.listener_rule("web", "1", arn_name(listener.arn), f"{priority}"),
        listener_arn=listener.arn,
        priority=priority,
        conditions=(RuleCondition(field="path-pattern", values=("/api/*",)),),
        actions=actions or (forward_to(GROUP_ARN),),
    )
    return replace(row, **more)


def a_security_group(
    group_id: str = "sg-0000000000000000a", *rules: SecurityGroupRule, **more: Any
) -> SecurityGroup:
    """Without rules it lets nothing in or out; see `permits`."""
    row = SecurityGroup(id=group_id, name=group_id, description="", vpc_id=VPC, rules=rules)
    return replace(row, **more)


def permits(
    peer: str, low: int | None = None, high: int | None = None, *, out: bool = False
) -> SecurityGroupRule:
    """A rule for TCP from (or, with `out`, to) a CIDR block or a security group; without ports, for all."""
    is_group = peer.startswith("sg-")
    return SecurityGroupRule(
        id=f"sgr-{peer}-{low}-{high}-{out}",
        is_egress=out,
        protocol="tcp" if low is not None else "-1",
        from_port=low,
        to_port=high if high is not None else low,
        peer=PermissionPeer(group_id=peer if is_group else None, cidr=None if is_group else peer),
    )


def a_certificate(domain: str = "shop.example.com", **more: Any) -> Certificate:
    """An imported one, good for its name and what is below it."""
    row = Certificate(
        arn=f"arn:aws:acm:us-east-1:000000000000:certificate/{domain}",
        domain_name=domain,
        subject_alternative_names=(domain, f"*.{domain}"),
        status="ISSUED",
        type=IMPORTED,
        certificate_pem=f"the certificate of {domain}\n",
        chain_pem=f"the chain of {domain}\n",
        private_key_pem=f"the key of {domain}\n",
        key_algorithm="RSA_2048",
        not_before=BEFORE,
        not_after=BEFORE + timedelta(days=90),
        created_at=BEFORE,
    )
    return replace(row, **more)
