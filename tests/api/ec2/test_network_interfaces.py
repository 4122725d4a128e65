"""Network interfaces of instances and load balancers."""

from __future__ import annotations

import asyncio
from typing import Any

from tidegate.control.store.tables import LOAD_BALANCERS
from tidegate.domain.elbv2 import LoadBalancer, ZoneMapping
from tidegate.testing.api import Api
from tidegate.testing.builders import ARNS
from tidegate.testing.clock import EPOCH


def _found(client: Any, **filters: str) -> list[dict[str, Any]]:
    asked = [{"Name": name.replace("_", "-"), "Values": [value]} for name, value in filters.items()]
    return list(client.describe_network_interfaces(Filters=asked)["NetworkInterfaces"])


def test_an_instance_has_one_interface(client: Any, subnet: str, image: str) -> None:
    started = client.run_instances(ImageId=image, MinCount=1, MaxCount=1, SubnetId=subnet)["Instances"][0]
    (interface,) = _found(client, subnet_id=subnet)
    assert interface["Attachment"]["InstanceId"] == started["InstanceId"]
    assert interface["PrivateIpAddress"] == started["PrivateIpAddress"]
    client.terminate_instances(InstanceIds=[started["InstanceId"]])
    assert _found(client, subnet_id=subnet) == []


def test_a_load_balancer_has_one_in_each_subnet_with_its_address(
    api: Api, client: Any, refused: Any, vpc: str, subnet: str
) -> None:
    other = client.create_subnet(VpcId=vpc, CidrBlock="10.0.2.0/24")["Subnet"]["SubnetId"]
    group = client.create_security_group(GroupName="lb", Description="lb", VpcId=vpc)["GroupId"]
    row = LoadBalancer(
        arn=ARNS.load_balancer("shop", "0123456789abcdef"),
        name="shop",
        dns_name="shop-1.us-east-1.elb.localhost",
        canonical_hosted_zone_id="Z",
        vpc_id=vpc,
        zones=(
            ZoneMapping(zone_name="us-east-1b", subnet_id=subnet),
            ZoneMapping(zone_name="us-east-1a", subnet_id=other),
        ),
        security_groups=(group,),
        address="127.80.2.1",
        created_at=EPOCH,
    )
    asyncio.run(api.context.store.transact(lambda tx: tx.put(LOAD_BALANCERS, row)))
    description = {"Name": "description", "Values": ["ELB app/shop/0123456789abcdef"]}
    owner = {"Name": "attachment.instance-owner-id", "Values": ["amazon-elb"]}
    found = client.describe_network_interfaces(Filters=[description, owner])["NetworkInterfaces"]
    assert {one["SubnetId"] for one in found} == {subnet, other}
    assert {one["PrivateIpAddress"] for one in found} == {"127.80.2.1"}
    assert all(one["RequesterManaged"] for one in found)
    with refused("DependencyViolation"):
        client.delete_subnet(SubnetId=subnet)
    with refused("DependencyViolation"):
        client.delete_security_group(GroupId=group)
