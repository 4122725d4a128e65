"""Tags by identifier."""

from __future__ import annotations

from typing import Any


def _tags(client: Any, resource: str) -> dict[str, str]:
    filters = [{"Name": "resource-id", "Values": [resource]}]
    return {tag["Key"]: tag["Value"] for tag in client.describe_tags(Filters=filters)["Tags"]}


def _pairs(**tags: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def test_everything_that_can_be_created_can_be_tagged(client: Any, vpc: str, subnet: str, image: str) -> None:
    group = client.create_security_group(GroupName="web", Description="web", VpcId=vpc)["GroupId"]
    added = client.authorize_security_group_ingress(GroupId=group, IpProtocol="-1", CidrIp="10.0.0.0/8")
    resources = [
        vpc,
        subnet,
        group,
        added["SecurityGroupRules"][0]["SecurityGroupRuleId"],
        client.create_internet_gateway()["InternetGateway"]["InternetGatewayId"],
        client.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"],
        client.create_key_pair(KeyName="ecs", KeyType="ed25519")["KeyPairId"],
        client.run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"],
    ]
    client.create_tags(Resources=resources, Tags=_pairs(Name="shop", stage="test"))
    assert all(_tags(client, one) == {"Name": "shop", "stage": "test"} for one in resources)
    client.delete_tags(Resources=resources, Tags=[{"Key": "stage"}])
    assert all(_tags(client, one) == {"Name": "shop"} for one in resources)


def test_a_tag_with_a_value_is_deleted_only_with_this_value(client: Any, vpc: str) -> None:
    client.create_tags(Resources=[vpc], Tags=_pairs(Name="shop"))
    client.delete_tags(Resources=[vpc], Tags=_pairs(Name="other"))
    assert _tags(client, vpc) == {"Name": "shop"}
    client.delete_tags(Resources=[vpc], Tags=_pairs(Name="shop"))
    assert _tags(client, vpc) == {}


def test_one_missing_resource_tags_nothing(client: Any, refused: Any, vpc: str) -> None:
    with refused("InvalidSubnetID.NotFound"):
        client.create_tags(Resources=[vpc, "subnet-00000000000000000"], Tags=_pairs(Name="shop"))
    assert _tags(client, vpc) == {}


def test_reserved_keys_and_too_many_tags_are_refused(client: Any, refused: Any, vpc: str) -> None:
    with refused("InvalidParameterValue"):
        client.create_tags(Resources=[vpc], Tags=[{"Key": "aws:mine", "Value": "x"}])
    many = [{"Key": f"key-{number}", "Value": ""} for number in range(51)]
    with refused("TagLimitExceeded"):
        client.create_tags(Resources=[vpc], Tags=many)


def test_a_tag_specification_for_something_else_is_refused(client: Any, refused: Any) -> None:
    specification = [{"ResourceType": "volume", "Tags": _pairs(Name="x")}]
    with refused("InvalidParameterValue"):
        client.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=specification)
