"""What a launch comes down to."""

from __future__ import annotations

import base64

import pytest

from tidegate.control.api.ec2.launching import (
    InvalidUserDataError,
    cluster_name,
    decoded_user_data,
    free_addresses,
    subnet_for_launch,
)
from tidegate.domain.ec2 import Subnet


@pytest.mark.parametrize(
    ("user_data", "expected"),
    [
        ("#!/bin/bash\necho ECS_CLUSTER=shop >> /etc/ecs/ecs.config\n", "shop"),
        (
            "cat <<'EOF' >> /etc/ecs/ecs.config\nECS_CLUSTER=my-cluster_1\nECS_LOGLEVEL=debug\nEOF",
            "my-cluster_1",
        ),
        ('echo "ECS_CLUSTER=shop" > /etc/ecs/ecs.config', "shop"),
        ("ECS_CLUSTER='shop'", "shop"),
        ('#cloud-config\nruncmd:\n  - [sh, -c, "echo ECS_CLUSTER=shop >> /etc/ecs/ecs.config"]', "shop"),
        ("#!/bin/bash\n# ECS_CLUSTER=old\necho hello", None),
        ("ECS_CLUSTER=first\nECS_CLUSTER=second", "second"),
        ("MY_ECS_CLUSTER=no", None),
        ("echo hello", None),
        ("", None),
    ],
)
def test_the_cluster_is_the_one_that_the_agent_would_read(user_data: str, expected: str | None) -> None:
    assert cluster_name(user_data) == expected


def test_user_data_must_be_base64_and_short() -> None:
    assert decoded_user_data(base64.b64encode(b"echo hello").decode()) == "echo hello"
    with pytest.raises(InvalidUserDataError, match="Invalid BASE64 encoding of user data"):
        decoded_user_data("echo hello")
    with pytest.raises(InvalidUserDataError, match="limited to 16384 bytes"):
        decoded_user_data(base64.b64encode(b"x" * 16385).decode())


def test_an_address_of_an_instance_that_ended_lately_comes_last() -> None:
    free = free_addresses("127.80", used={"127.80.1.1"}, resting={"127.80.1.2"})
    assert free[0] == "127.80.1.3"
    assert free[-1] == "127.80.1.2"
    assert len(free) == 253


def _subnet(subnet_id: str, zone: str, *, is_default: bool = True) -> Subnet:
    return Subnet(
        id=subnet_id,
        vpc_id="vpc-1",
        cidr_block="10.0.0.0/24",
        availability_zone=zone,
        is_default_for_zone=is_default,
    )


def test_the_emptiest_default_subnet_is_chosen() -> None:
    subnets = [_subnet("a", "z1"), _subnet("b", "z2"), _subnet("c", "z0", is_default=False)]
    assert subnet_for_launch(subnets, {}) == subnets[0]
    assert subnet_for_launch(subnets, {"a": 1}) == subnets[1]
    assert subnet_for_launch(subnets[2:], {}) is None


def test_a_zone_that_a_load_balancer_serves_is_chosen_before_an_emptier_one() -> None:
    subnets = [_subnet(name, f"z{name}") for name in "abc"]
    assert subnet_for_launch(subnets, {"b": 1}, {"zb", "zc"}) == subnets[2]
    assert subnet_for_launch(subnets, {"b": 1, "c": 2}, {"zb", "zc"}) == subnets[1]
    assert subnet_for_launch(subnets[:1], {}, {"zb"}) == subnets[0]
