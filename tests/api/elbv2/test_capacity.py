"""Capacity reservations and address pools: nothing is reserved, and it is said so."""

from __future__ import annotations

from typing import Any

import pytest

MISSING = "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/none/0123456789abcdef"


@pytest.mark.proves("operation:DescribeCapacityReservation")
def test_a_load_balancer_has_no_reservation(client: Any, balancer: str, refused: Any) -> None:
    found = client.describe_capacity_reservation(LoadBalancerArn=balancer)
    assert "MinimumLoadBalancerCapacity" not in found
    with refused("LoadBalancerNotFound"):
        client.describe_capacity_reservation(LoadBalancerArn=MISSING)


@pytest.mark.proves("operation:ModifyCapacityReservation")
def test_a_reset_leaves_none_and_a_reservation_is_refused_by_name(
    client: Any, balancer: str, refused: Any
) -> None:
    client.modify_capacity_reservation(LoadBalancerArn=balancer, ResetCapacityReservation=True)
    with refused("InvalidConfigurationRequest", "MinimumLoadBalancerCapacity"):
        client.modify_capacity_reservation(
            LoadBalancerArn=balancer, MinimumLoadBalancerCapacity={"CapacityUnits": 100}
        )
    with refused("LoadBalancerNotFound"):
        client.modify_capacity_reservation(LoadBalancerArn=MISSING, ResetCapacityReservation=True)


def test_exactly_one_of_both_is_asked_for(client: Any, balancer: str, refused: Any) -> None:
    capacity = {"MinimumLoadBalancerCapacity": {"CapacityUnits": 100}}
    for given in ({}, {"ResetCapacityReservation": False}, {**capacity, "ResetCapacityReservation": True}):
        with refused("InvalidConfigurationRequest", "exactly one"):
            client.modify_capacity_reservation(LoadBalancerArn=balancer, **given)


def test_address_pools_are_refused_by_name(client: Any, balancer: str, refused: Any) -> None:
    with refused("InvalidAction", "ModifyIpPools: .*IPAM"):
        client.modify_ip_pools(LoadBalancerArn=balancer, IpamPools={"Ipv4IpamPoolId": "ipam-pool-1"})
