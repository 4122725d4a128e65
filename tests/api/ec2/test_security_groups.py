"""Security groups."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def group(client: Any, vpc: str) -> str:
    return str(client.create_security_group(GroupName="web", Description="web", VpcId=vpc)["GroupId"])


def test_a_new_group_lets_everything_out_and_nothing_in(client: Any, vpc: str, group: str) -> None:
    (found,) = client.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    assert (found["GroupName"], found["Description"], found["VpcId"]) == ("web", "web", vpc)
    assert found["IpPermissions"] == []
    (everything,) = found["IpPermissionsEgress"]
    assert everything["IpProtocol"] == "-1"
    assert everything["IpRanges"] == [{"CidrIp": "0.0.0.0/0"}]
    assert "FromPort" not in everything


def test_a_name_is_free_in_another_vpc_only(client: Any, refused: Any, vpc: str, group: str) -> None:
    with refused("InvalidGroup.Duplicate"):
        client.create_security_group(GroupName="web", Description="again", VpcId=vpc)
    assert client.create_security_group(GroupName="web", Description="default VPC")["GroupId"] != group


@pytest.mark.parametrize("name", ["default", "sg-web", "x" * 256])
def test_a_name_that_ec2_keeps_or_cannot_take_is_refused(client: Any, refused: Any, name: str) -> None:
    with refused("InvalidParameterValue"):
        client.create_security_group(GroupName=name, Description="x")


def test_the_default_group_stays(client: Any, refused: Any, vpc: str) -> None:
    filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
    (default,) = client.describe_security_groups(Filters=filters)["SecurityGroups"]
    with refused("CannotDelete"):
        client.delete_security_group(GroupId=default["GroupId"])


def test_a_group_that_another_names_cannot_be_deleted(
    client: Any, refused: Any, vpc: str, group: str
) -> None:
    other = client.create_security_group(GroupName="db", Description="db", VpcId=vpc)["GroupId"]
    permission = {
        "IpProtocol": "tcp",
        "FromPort": 5432,
        "ToPort": 5432,
        "UserIdGroupPairs": [{"GroupId": group}],
    }
    client.authorize_security_group_ingress(GroupId=other, IpPermissions=[permission])
    with refused("DependencyViolation"):
        client.delete_security_group(GroupId=group)
    client.delete_security_group(GroupId=other)
    client.delete_security_group(GroupId=group)
    with refused("InvalidGroup.NotFound"):
        client.describe_security_groups(GroupIds=[group])


def test_a_group_that_names_itself_can_be_deleted(client: Any, group: str) -> None:
    permission = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}
    client.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    client.delete_security_group(GroupId=group)


def test_a_group_that_an_instance_wears_cannot_be_deleted(
    client: Any, refused: Any, subnet: str, group: str, image: str
) -> None:
    client.run_instances(ImageId=image, MinCount=1, MaxCount=1, SubnetId=subnet, SecurityGroupIds=[group])
    with refused("DependencyViolation"):
        client.delete_security_group(GroupId=group)


def test_groups_are_found_by_what_they_let_in(client: Any, group: str) -> None:
    client.authorize_security_group_ingress(
        GroupId=group, IpProtocol="tcp", FromPort=80, ToPort=80, CidrIp="0.0.0.0/0"
    )
    filters = [
        {"Name": "ip-permission.cidr", "Values": ["0.0.0.0/0"]},
        {"Name": "ip-permission.from-port", "Values": ["80"]},
    ]
    found = client.describe_security_groups(Filters=filters)["SecurityGroups"]
    assert [one["GroupId"] for one in found] == [group]
