"""Load balancers."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from tidegate.control.store import Transaction
from tidegate.control.store.tables import LOAD_BALANCERS
from tidegate.testing.api import Api


def _described(client: Any, arn: str) -> dict[str, Any]:
    found: dict[str, Any] = client.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]
    return found


def test_a_load_balancer_is_described_as_clients_need_it(
    client: Any, balancer: str, subnets: list[str], vpc: str
) -> None:
    found = _described(client, balancer)
    assert found["State"] == {"Code": "provisioning"}
    assert (found["Type"], found["Scheme"], found["IpAddressType"]) == (
        "application",
        "internet-facing",
        "ipv4",
    )
    assert found["VpcId"] == vpc
    assert [zone["SubnetId"] for zone in found["AvailabilityZones"]] == subnets[:2]
    assert len(found["SecurityGroups"]) == 1
    assert found["CanonicalHostedZoneId"] == "Z35SXDOTRQ7X7K"
    name, _, rest = found["DNSName"].partition(".")
    assert name.startswith("shop-")
    assert rest == "us-east-1.elb.localhost"


def test_its_arn_has_the_form_that_clients_take_apart(balancer: str) -> None:
    kind, name, lb_id = balancer.split(":loadbalancer/")[1].split("/")
    assert (kind, name, len(lb_id)) == ("app", "shop", 16)


def test_each_has_an_address_of_its_own(api: Api, client: Any, balancer: str, subnets: list[str]) -> None:
    other = client.create_load_balancer(Name="api", Subnets=subnets[:2])["LoadBalancers"][0]
    rows = api.context.store.snapshot
    addresses = [rows.get(LOAD_BALANCERS, arn) for arn in (balancer, other["LoadBalancerArn"])]
    assert [row.address for row in addresses if row] == ["127.80.2.1", "127.80.2.2"]


@pytest.mark.proves("operation:CreateLoadBalancer")
def test_the_same_again_is_the_same_load_balancer(
    client: Any, refused: Any, balancer: str, subnets: list[str]
) -> None:
    again = client.create_load_balancer(Name="shop", Subnets=list(reversed(subnets[:2])))
    assert again["LoadBalancers"][0]["LoadBalancerArn"] == balancer
    with refused("DuplicateLoadBalancerName", "but with different settings"):
        client.create_load_balancer(Name="shop", Subnets=subnets[:3])
    with refused("DuplicateLoadBalancerName"):
        client.create_load_balancer(Name="shop", Subnets=subnets[:2], Scheme="internal")


def test_an_internal_one_is_named_so_and_needs_no_gateway(client: Any, network: Any) -> None:
    vpc = network.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        network.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"us-east-1{zone}")[
            "Subnet"
        ]["SubnetId"]
        for n, zone in enumerate("ab")
    ]
    with pytest.raises(Exception, match=f"VPC {vpc} has no internet gateway"):
        client.create_load_balancer(Name="shop", Subnets=subnets)
    made = client.create_load_balancer(Name="shop", Subnets=subnets, Scheme="internal")
    assert made["LoadBalancers"][0]["DNSName"].startswith("internal-shop-")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x" * 33, "cannot be longer than '32' characters"),
        ("internal-shop", "cannot begin with 'internal-'"),
        ("shop-", "cannot end with a hyphen"),
        ("-shop", "cannot begin with a hyphen"),
        ("shop_1", "can only contain characters that are alphanumeric"),
    ],
)
def test_a_bad_name_is_refused_in_awss_words(
    client: Any, refused: Any, subnets: list[str], name: str, text: str
) -> None:
    with refused("ValidationError", text):
        client.create_load_balancer(Name=name, Subnets=subnets[:2])


def test_subnets_are_in_two_zones_one_in_each(
    client: Any, refused: Any, network: Any, subnets: list[str], vpc: str
) -> None:
    with refused("ValidationError", "At least two subnets in two different Availability Zones"):
        client.create_load_balancer(Name="shop", Subnets=subnets[:1])
    same_zone = network.create_subnet(VpcId=vpc, CidrBlock="172.31.200.0/24", AvailabilityZone="us-east-1a")[
        "Subnet"
    ]["SubnetId"]
    with refused("InvalidConfigurationRequest", "multiple subnets in the same Availability Zone"):
        client.create_load_balancer(Name="shop", Subnets=[*subnets[:2], same_zone])
    with refused("SubnetNotFound"):
        client.create_load_balancer(Name="shop", Subnets=[subnets[0], "subnet-0"])


def test_a_security_group_of_another_vpc_is_refused(
    client: Any, refused: Any, network: Any, subnets: list[str]
) -> None:
    vpc = network.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    stranger = network.create_security_group(GroupName="x", Description="x", VpcId=vpc)["GroupId"]
    with refused("InvalidConfigurationRequest", "One or more security groups are invalid"):
        client.create_load_balancer(Name="shop", Subnets=subnets[:2], SecurityGroups=[stranger])


@pytest.mark.parametrize(
    "member",
    [{"Type": "network"}, {"IpAddressType": "dualstack"}, {"CustomerOwnedIpv4Pool": "ipv4pool-coip-1"}],
)
def test_what_is_not_served_is_refused_by_name(
    client: Any, refused: Any, subnets: list[str], member: dict[str, Any]
) -> None:
    with refused("InvalidConfigurationRequest", next(iter(member))):
        client.create_load_balancer(Name="shop", Subnets=subnets[:2], **member)


def test_an_unknown_enumeration_value_gets_awss_constraint_text(
    client: Any, refused: Any, subnets: list[str]
) -> None:
    with refused("ValidationError", "1 validation error detected: Value 'Internal' at 'scheme'"):
        client.create_load_balancer(Name="shop", Subnets=subnets[:2], Scheme="Internal")


def test_terraform_asks_by_name_before_it_creates(client: Any, refused: Any) -> None:
    with refused("LoadBalancerNotFound", "not found"):
        client.describe_load_balancers(Names=["shop"])


def test_the_waiters_follow_its_life(api: Api, client: Any, balancer: str) -> None:
    client.get_waiter("load_balancer_exists").wait(LoadBalancerArns=[balancer])

    def activate(tx: Transaction) -> None:
        row = tx.get(LOAD_BALANCERS, balancer)
        assert row is not None
        tx.put(LOAD_BALANCERS, replace(row, state="active"))

    asyncio.run(api.context.store.transact(activate))
    client.get_waiter("load_balancer_available").wait(LoadBalancerArns=[balancer])
    client.delete_load_balancer(LoadBalancerArn=balancer)
    client.get_waiter("load_balancers_deleted").wait(LoadBalancerArns=[balancer])


@pytest.mark.proves("operation:DeleteLoadBalancer")
def test_deleting_takes_listeners_along_and_leaves_target_groups(
    client: Any, refused: Any, balancer: str, listener: str, group: str
) -> None:
    client.delete_load_balancer(LoadBalancerArn=balancer)
    client.delete_load_balancer(LoadBalancerArn=balancer)
    with refused("ListenerNotFound"):
        client.describe_listeners(ListenerArns=[listener])
    (left,) = client.describe_target_groups(TargetGroupArns=[group])["TargetGroups"]
    assert left["LoadBalancerArns"] == []


@pytest.mark.proves("load-balancer-attribute:deletion_protection.enabled")
def test_a_protected_one_is_not_deleted(client: Any, refused: Any, balancer: str) -> None:
    protection = {"Key": "deletion_protection.enabled", "Value": "true"}
    client.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=[protection])
    with refused("OperationNotPermitted", "because deletion protection is enabled"):
        client.delete_load_balancer(LoadBalancerArn=balancer)


@pytest.mark.proves("operation:SetSecurityGroups", "operation:SetSubnets")
def test_groups_and_subnets_are_replaced_as_a_whole(
    client: Any, network: Any, balancer: str, subnets: list[str], vpc: str
) -> None:
    group = network.create_security_group(GroupName="lb", Description="lb", VpcId=vpc)["GroupId"]
    client.set_security_groups(LoadBalancerArn=balancer, SecurityGroups=[group])
    client.set_subnets(LoadBalancerArn=balancer, Subnets=subnets[1:4])
    found = _described(client, balancer)
    assert found["SecurityGroups"] == [group]
    assert [zone["SubnetId"] for zone in found["AvailabilityZones"]] == subnets[1:4]


@pytest.mark.proves("operation:SetIpAddressType")
def test_addresses_are_of_ipv4_and_asking_for_others_is_refused_by_name(
    client: Any, refused: Any, balancer: str
) -> None:
    answer = client.set_ip_address_type(LoadBalancerArn=balancer, IpAddressType="ipv4")
    assert answer["IpAddressType"] == "ipv4"
    with refused("InvalidConfigurationRequest", "IpAddressType with the value ipv4 only"):
        client.set_ip_address_type(LoadBalancerArn=balancer, IpAddressType="dualstack")
    assert _described(client, balancer)["IpAddressType"] == "ipv4"


@pytest.mark.proves("operation:DescribeLoadBalancers")
def test_pages_cover_every_load_balancer_once(client: Any, refused: Any, subnets: list[str]) -> None:
    for number in range(5):
        client.create_load_balancer(Name=f"lb-{number}", Subnets=subnets[:2])
    pages = client.get_paginator("describe_load_balancers").paginate(PaginationConfig={"PageSize": 2})
    names = [one["LoadBalancerName"] for page in pages for one in page["LoadBalancers"]]
    assert sorted(names) == [f"lb-{number}" for number in range(5)]
    with refused("ValidationError"):
        client.describe_load_balancers(Marker="nonsense")


def test_an_arn_of_something_else_is_refused(client: Any, refused: Any, group: str) -> None:
    with refused("ValidationError", "is not a valid load balancer ARN"):
        client.describe_load_balancers(LoadBalancerArns=[group])


def test_what_terraform_reads_beside_it_is_there(client: Any, balancer: str) -> None:
    client.describe_capacity_reservation(LoadBalancerArn=balancer)
    limits = {one["Name"]: one["Max"] for one in client.describe_account_limits()["Limits"]}
    assert limits["targets-per-target-group"] == "1000"


def test_twenty_load_balancers_are_asked_for_by_arn_at_most(client: Any, refused: Any, balancer: str) -> None:
    many = [f"{balancer[:-2]}{number:02}" for number in range(21)]
    with refused("ValidationError", "more than 20 load balancer ARNs"):
        client.describe_load_balancers(LoadBalancerArns=many)
