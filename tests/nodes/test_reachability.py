"""Who may reach what, by security groups."""

from __future__ import annotations

from typing import Any

import pytest

from tidegate.control.nodes.reachability import Reach, balancer_of, ingress
from tidegate.control.store import Store
from tidegate.domain.ec2 import SecurityGroupRule, Subnet
from tidegate.fleet.balancing import EdgeIngress
from tidegate.testing.builders import ARNS, GROUP_ARN, VPC, a_group, a_target, a_task, an_instance
from tidegate.testing.load_balancers import (
    a_listener,
    a_load_balancer,
    a_rule,
    a_security_group,
    forward_to,
    permits,
)

BALANCER = a_load_balancer(security_groups=("sg-balancer",))
INSTANCE = an_instance(1, security_groups=("sg-target",), subnet_id="subnet-0000000000000000a")
SUBNETS = [
    Subnet(
        id=f"subnet-0000000000000000{letter}",
        vpc_id=VPC,
        cidr_block=f"10.0.{number}.0/24",
        availability_zone=f"us-east-1{letter}",
    )
    for number, letter in ((1, "a"), (2, "b"))
]
OUT = permits("0.0.0.0/0", out=True)


async def is_admitted(
    store: Store,
    put: Any,
    inward: SecurityGroupRule,
    outward: SecurityGroupRule = OUT,
    port: int = 5000,
) -> bool:
    groups = [a_security_group("sg-balancer", outward), a_security_group("sg-target", inward)]
    await put(BALANCER, a_listener(), a_group(), INSTANCE, *SUBNETS, *groups)
    reach = Reach(store.snapshot, balancer_of(store.snapshot, GROUP_ARN))
    return reach.admits(a_target(a_task(1)), INSTANCE.private_ip_address, port)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (permits("sg-balancer"), True),
        (permits("sg-balancer", 5000), True),
        (permits("sg-balancer", 4000, 6000), True),
        (permits("sg-balancer", 80), False),
        (permits("sg-other"), False),
        (permits("0.0.0.0/0", 5000), True),
        (permits("127.80.2.1/32"), True),
        (permits("127.80.2.2/32"), False),
        (permits("10.0.0.0/16"), True),
        (permits("10.0.2.0/24"), True),
        (permits("10.0.2.7/32"), False),
        (permits("192.168.0.0/16"), False),
        (permits("::/0"), False),
        (permits("sg-balancer", out=True), False),
    ],
    ids=lambda given: given.id if isinstance(given, SecurityGroupRule) else str(given),
)
async def test_a_targets_groups_let_the_load_balancer_in(
    store: Store, put: Any, rule: SecurityGroupRule, expected: bool
) -> None:
    assert await is_admitted(store, put, rule) is expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (permits("sg-target", 5000, out=True), True),
        (permits("sg-target", 80, out=True), False),
        (permits("127.80.1.1/32", out=True), True),
        (permits("10.0.1.0/24", out=True), True),
        (permits("10.0.2.0/24", out=True), False),
        (permits("sg-target", 5000), False),
    ],
    ids=lambda given: given.id if isinstance(given, SecurityGroupRule) else str(given),
)
async def test_the_load_balancers_groups_let_it_out(
    store: Store, put: Any, rule: SecurityGroupRule, expected: bool
) -> None:
    assert await is_admitted(store, put, permits("sg-balancer"), rule) is expected


async def test_a_security_group_that_is_gone_permits_nothing(store: Store, put: Any) -> None:
    await put(BALANCER, a_listener(), a_group(), INSTANCE)
    reach = Reach(store.snapshot, balancer_of(store.snapshot, GROUP_ARN))
    assert not reach.admits(a_target(a_task(1)), INSTANCE.private_ip_address, 5000)


async def test_a_load_balancer_without_groups_reaches_everything(store: Store, put: Any) -> None:
    await put(a_load_balancer(), a_listener(), a_group(), INSTANCE)
    reach = Reach(store.snapshot, balancer_of(store.snapshot, GROUP_ARN))
    assert reach.admits(a_target(a_task(1)), INSTANCE.private_ip_address, 5000)


async def test_of_a_target_that_is_no_instance_nothing_is_asked(store: Store, put: Any) -> None:
    await put(BALANCER, a_listener(), a_group(), a_security_group("sg-balancer", OUT))
    reach = Reach(store.snapshot, balancer_of(store.snapshot, GROUP_ARN))
    assert reach.admits(a_target(a_task(9), 9), "10.9.8.7", 5000)


async def test_a_group_that_only_a_rule_names_is_reached_too(store: Store, put: Any) -> None:
    other = ARNS.target_group("other", "fedcba9876543210")
    await put(
        BALANCER,
        a_listener(80, forward_to(other)),
        a_rule(1, forward_to(GROUP_ARN)),
        a_group(),
        INSTANCE,
        a_security_group("sg-balancer", OUT),
        a_security_group("sg-target", permits("sg-balancer", 5000)),
    )
    reach = Reach(store.snapshot, balancer_of(store.snapshot, GROUP_ARN))
    assert reach.admits(a_target(a_task(1)), INSTANCE.private_ip_address, 5000)
    assert not reach.admits(a_target(a_task(1)), INSTANCE.private_ip_address, 5001)


async def test_what_is_let_in_is_told_by_ports(store: Store, put: Any) -> None:
    await put(
        BALANCER,
        a_load_balancer(arn="other", address="127.80.2.9", security_groups=("sg-client",)),
        an_instance(1, security_groups=("sg-client",)),
        an_instance(2, security_groups=("sg-client",), state="terminated"),
        a_security_group(
            "sg-balancer",
            permits("0.0.0.0/0", 80),
            permits("2001:db8::/32", 80),
            permits("sg-client", 8000, 8099),
            permits("sg-nobody", 9000),
            permits("192.0.2.0/24"),
            OUT,
        ),
    )
    assert ingress(store.snapshot, BALANCER) == (
        EdgeIngress(from_port=0, to_port=65535, cidrs=("192.0.2.0/24",)),
        EdgeIngress(from_port=80, to_port=80, cidrs=("0.0.0.0/0", "2001:db8::/32")),
        EdgeIngress(from_port=8000, to_port=8099, cidrs=("127.80.1.1/32", "127.80.2.9/32")),
    )


async def test_groups_without_rules_let_nothing_in(store: Store, put: Any) -> None:
    await put(BALANCER, a_security_group("sg-balancer", OUT))
    assert ingress(store.snapshot, BALANCER) == ()


async def test_without_groups_nobody_is_asked(store: Store) -> None:
    assert ingress(store.snapshot, a_load_balancer()) is None
