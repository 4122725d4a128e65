"""VPCs, and what comes with each."""

from __future__ import annotations

from typing import Any

import pytest


def _of(vpc: str) -> list[dict[str, Any]]:
    return [{"Name": "vpc-id", "Values": [vpc]}]


def test_a_vpc_is_born_with_main_route_table_default_group_and_default_acl(client: Any, vpc: str) -> None:
    main = [*_of(vpc), {"Name": "association.main", "Values": ["true"]}]
    (table,) = client.describe_route_tables(Filters=main)["RouteTables"]
    assert [(route["GatewayId"], route["Origin"]) for route in table["Routes"]] == [
        ("local", "CreateRouteTable")
    ]
    default = [*_of(vpc), {"Name": "group-name", "Values": ["default"]}]
    (group,) = client.describe_security_groups(Filters=default)["SecurityGroups"]
    assert group["IpPermissions"][0]["UserIdGroupPairs"][0]["GroupId"] == group["GroupId"]
    (acl,) = client.describe_network_acls(Filters=[*_of(vpc), {"Name": "default", "Values": ["true"]}])[
        "NetworkAcls"
    ]
    assert acl["VpcId"] == vpc


def test_a_vpc_is_described_as_clients_need_it(client: Any, vpc: str) -> None:
    (found,) = client.describe_vpcs(VpcIds=[vpc])["Vpcs"]
    assert found["State"] == "available"
    assert found["InstanceTenancy"] == "default"
    assert found["IsDefault"] is False
    assert found["OwnerId"] == "000000000000"
    assert found["CidrBlockAssociationSet"][0]["CidrBlock"] == "10.0.0.0/16"


def test_host_bits_of_a_range_are_cleared(client: Any) -> None:
    assert client.create_vpc(CidrBlock="100.68.5.18/18")["Vpc"]["CidrBlock"] == "100.68.0.0/18"


@pytest.mark.parametrize(
    ("cidr_block", "code"),
    [
        ("10.0.0.0/15", "InvalidVpc.Range"),
        ("10.0.0.0/29", "InvalidVpc.Range"),
        ("10.0.0.0", "InvalidParameterValue"),
        ("nonsense/16", "InvalidParameterValue"),
    ],
)
def test_a_range_that_no_vpc_has_is_refused(client: Any, refused: Any, cidr_block: str, code: str) -> None:
    with refused(code):
        client.create_vpc(CidrBlock=cidr_block)


@pytest.mark.parametrize(
    "member",
    [{"InstanceTenancy": "dedicated"}, {"AmazonProvidedIpv6CidrBlock": True}, {"Ipv4IpamPoolId": "ipam-1"}],
)
def test_what_is_not_honoured_is_refused_by_name(client: Any, refused: Any, member: dict[str, Any]) -> None:
    with refused("UnsupportedOperation"):
        client.create_vpc(CidrBlock="10.0.0.0/16", **member)


def test_defaults_that_terraform_spells_out_are_accepted(client: Any) -> None:
    client.create_vpc(CidrBlock="10.0.0.0/16", InstanceTenancy="default", AmazonProvidedIpv6CidrBlock=False)


def test_a_dry_run_changes_nothing(client: Any, refused: Any) -> None:
    with refused("DryRunOperation"):
        client.create_vpc(CidrBlock="10.0.0.0/16", DryRun=True)
    assert len(client.describe_vpcs()["Vpcs"]) == 1


def test_attributes_are_read_back_one_at_a_time(client: Any, vpc: str) -> None:
    client.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    values = {
        "enableDnsSupport": "EnableDnsSupport",
        "enableDnsHostnames": "EnableDnsHostnames",
        "enableNetworkAddressUsageMetrics": "EnableNetworkAddressUsageMetrics",
    }
    found = {
        attribute: client.describe_vpc_attribute(VpcId=vpc, Attribute=attribute)[member]["Value"]
        for attribute, member in values.items()
    }
    assert found == {
        "enableDnsSupport": True,
        "enableDnsHostnames": True,
        "enableNetworkAddressUsageMetrics": False,
    }


def test_a_vpc_with_a_subnet_cannot_be_deleted(client: Any, refused: Any, vpc: str, subnet: str) -> None:
    with refused("DependencyViolation"):
        client.delete_vpc(VpcId=vpc)
    client.delete_subnet(SubnetId=subnet)
    client.delete_vpc(VpcId=vpc)
    with refused("InvalidVpcID.NotFound"):
        client.describe_vpcs(VpcIds=[vpc])
    assert not client.describe_security_groups(Filters=_of(vpc))["SecurityGroups"]
    assert not client.describe_route_tables(Filters=_of(vpc))["RouteTables"]


def test_pages_cover_every_vpc_once(client: Any) -> None:
    for number in range(6):
        client.create_vpc(CidrBlock=f"10.{number}.0.0/16")
    pages = client.get_paginator("describe_vpcs").paginate(PaginationConfig={"PageSize": 5})
    ids = [vpc["VpcId"] for page in pages for vpc in page["Vpcs"]]
    assert len(ids) == len(set(ids)) == 7


def test_a_token_of_another_making_is_refused(client: Any, refused: Any) -> None:
    with refused("InvalidNextToken"):
        client.describe_vpcs(NextToken="bm9uc2Vuc2U=", MaxResults=5)


def test_the_waiter_for_an_available_vpc_returns_at_once(client: Any, vpc: str) -> None:
    client.get_waiter("vpc_available").wait(VpcIds=[vpc])
