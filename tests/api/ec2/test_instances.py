"""Instances."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tidegate.control.store.tables import CONTAINER_INSTANCES, INSTANCES, TARGETS
from tidegate.domain.elbv2 import Target
from tidegate.testing.api import Api
from tidegate.testing.builders import a_container_instance
from tidegate.testing.clock import EPOCH, FakeClock

RECOMMENDED = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2/recommended"
USER_DATA = "#!/bin/bash\necho ECS_CLUSTER=shop >> /etc/ecs/ecs.config\n"


def _run(client: Any, image: str, **more: Any) -> list[dict[str, Any]]:
    arguments = {"ImageId": image, "InstanceType": "t2.micro", "MinCount": 1, "MaxCount": 1, **more}
    return list(client.run_instances(**arguments)["Instances"])


def _instance(client: Any, instance_id: str) -> dict[str, Any]:
    reservations = client.describe_instances(InstanceIds=[instance_id])["Reservations"]
    found: dict[str, Any] = reservations[0]["Instances"][0]
    return found


def test_an_instance_with_ecs_user_data_is_pending_until_its_agent_runs(
    api: Api, client: Any, image: str
) -> None:
    (started,) = _run(client, image, UserData=USER_DATA)
    assert started["State"] == {"Code": 0, "Name": "pending"}
    row = api.context.store.snapshot.get(INSTANCES, started["InstanceId"])
    assert row is not None
    assert row.cluster_name == "shop"


@pytest.mark.parametrize("user_data", [{}, {"UserData": "echo hello"}, {"UserData": "ECS_CLUSTER="}], ids=str)
def test_an_instance_whose_user_data_names_no_cluster_joins_the_default_one_and_runs_at_once(
    api: Api, client: Any, image: str, user_data: dict[str, str]
) -> None:
    (started,) = _run(client, image, **user_data)
    row = api.context.store.snapshot.get(INSTANCES, started["InstanceId"])
    assert row is not None
    assert row.cluster_name == "default"
    assert started["State"] == {"Code": 16, "Name": "running"}
    client.get_waiter("instance_running").wait(InstanceIds=[started["InstanceId"]])


def test_an_image_may_be_named_by_the_public_parameter_that_gives_it(client: Any) -> None:
    (started,) = _run(client, f"{RECOMMENDED}/image_id")
    (image,) = client.describe_images(ImageIds=[started["ImageId"]])["Images"]
    assert "ecs" in image["Name"]


def test_each_instance_has_an_address_of_its_own_that_answers(client: Any, image: str) -> None:
    instances = _run(client, image, MinCount=2, MaxCount=3)
    assert [one["PrivateIpAddress"] for one in instances] == ["127.80.1.1", "127.80.1.2", "127.80.1.3"]
    assert [one["AmiLaunchIndex"] for one in instances] == [0, 1, 2]


def test_an_instance_is_described_as_clients_need_it(client: Any, vpc: str, subnet: str, image: str) -> None:
    client.create_key_pair(KeyName="ecs", KeyType="ed25519")
    group = client.create_security_group(GroupName="web", Description="web", VpcId=vpc)["GroupId"]
    (started,) = _run(client, image, SubnetId=subnet, SecurityGroupIds=[group], KeyName="ecs")
    found = _instance(client, started["InstanceId"])
    assert (found["SubnetId"], found["VpcId"], found["KeyName"]) == (subnet, vpc, "ecs")
    assert found["SecurityGroups"] == [{"GroupId": group, "GroupName": "web"}]
    assert found["Placement"]["AvailabilityZone"] == "us-east-1b"
    assert found["PrivateDnsName"] == "ip-127-80-1-1.ec2.internal"
    assert found["BlockDeviceMappings"][0]["DeviceName"] == found["RootDeviceName"]
    assert found["SourceDestCheck"] is True
    assert "PublicIpAddress" not in found
    (interface,) = found["NetworkInterfaces"]
    assert (interface["PrivateIpAddress"], interface["SubnetId"]) == ("127.80.1.1", subnet)


def test_without_groups_an_instance_wears_the_default_one(client: Any, subnet: str, image: str) -> None:
    (started,) = _run(client, image, SubnetId=subnet)
    assert [group["GroupName"] for group in started["SecurityGroups"]] == ["default"]


def test_a_subnet_that_maps_public_addresses_gives_one(client: Any, subnet: str, image: str) -> None:
    (in_default,) = _run(client, image)
    assert in_default["PublicIpAddress"] == in_default["PrivateIpAddress"]
    interface = {"DeviceIndex": 0, "SubnetId": subnet, "AssociatePublicIpAddress": True}
    (asked,) = _run(client, image, NetworkInterfaces=[interface])
    assert asked["PublicIpAddress"] == asked["PrivateIpAddress"]


def test_a_client_token_starts_instances_once(client: Any, refused: Any, image: str) -> None:
    first = _run(client, image, ClientToken="one")
    assert _run(client, image, ClientToken="one")[0]["InstanceId"] == first[0]["InstanceId"]
    assert _run(client, image, ClientToken="two")[0]["InstanceId"] != first[0]["InstanceId"]
    with refused("IdempotentParameterMismatch"):
        _run(client, image, ClientToken="one", InstanceType="t2.small")


@pytest.mark.parametrize(
    ("member", "code"),
    [
        ({"InstanceType": "t9.huge"}, "InvalidParameterValue"),
        ({"ImageId": "ami-00000000000000000"}, "InvalidAMIID.NotFound"),
        ({"ImageId": "resolve:ssm:/no/such"}, "InvalidParameterValue"),
        ({"ImageId": f"{RECOMMENDED}/os"}, "InvalidAMIID.Malformed"),
        ({"KeyName": "nobody"}, "InvalidKeyPair.NotFound"),
        ({"SubnetId": "subnet-00000000000000000"}, "InvalidSubnetID.NotFound"),
        ({"SecurityGroupIds": ["sg-00000000000000000"]}, "InvalidGroup.NotFound"),
        ({"MinCount": 2, "MaxCount": 1}, "InvalidParameterCombination"),
        ({"MinCount": 0}, "InvalidParameterValue"),
        ({"MinCount": 300, "MaxCount": 300}, "InsufficientInstanceCapacity"),
        ({"IamInstanceProfile": {"Name": "nobody"}}, "InvalidParameterValue"),
        ({"InstanceMarketOptions": {"MarketType": "spot"}}, "UnsupportedOperation"),
        ({"LaunchTemplate": {"LaunchTemplateName": "x"}}, "UnsupportedOperation"),
        ({"Placement": {"Tenancy": "dedicated"}}, "UnsupportedOperation"),
        ({"PrivateIpAddress": "10.0.0.9"}, "UnsupportedOperation"),
    ],
)
def test_what_cannot_be_launched_is_refused(
    client: Any, refused: Any, image: str, member: dict[str, Any], code: str
) -> None:
    with refused(code):
        _run(client, image, **member)
    assert client.describe_instances()["Reservations"] == []


def test_a_group_of_another_vpc_is_refused(client: Any, refused: Any, subnet: str, image: str) -> None:
    stranger = client.create_security_group(GroupName="web", Description="default VPC")["GroupId"]
    with refused("InvalidParameter"):
        _run(client, image, SubnetId=subnet, SecurityGroupIds=[stranger])


def test_an_instance_whose_agent_has_not_registered_is_terminated_at_once(client: Any, image: str) -> None:
    (started,) = _run(client, image)
    (change,) = client.terminate_instances(InstanceIds=[started["InstanceId"]])["TerminatingInstances"]
    assert (change["PreviousState"]["Name"], change["CurrentState"]["Name"]) == ("running", "terminated")
    client.get_waiter("instance_terminated").wait(InstanceIds=[started["InstanceId"]])
    found = _instance(client, started["InstanceId"])
    assert found["NetworkInterfaces"] == []


def test_an_instance_with_an_agent_shuts_down_first(api: Api, client: Any, image: str) -> None:
    (started,) = _run(client, image, UserData=USER_DATA)
    row = a_container_instance(ec2_instance_id=started["InstanceId"])
    asyncio.run(api.context.store.transact(lambda tx: tx.put(CONTAINER_INSTANCES, row)))
    (change,) = client.terminate_instances(InstanceIds=[started["InstanceId"]])["TerminatingInstances"]
    assert change["CurrentState"]["Name"] == "shutting-down"


def test_a_terminated_instance_is_described_for_an_hour(
    client: Any, refused: Any, image: str, clock: FakeClock
) -> None:
    (started,) = _run(client, image)
    client.terminate_instances(InstanceIds=[started["InstanceId"]])
    clock.advance(3500)
    assert _instance(client, started["InstanceId"])["State"]["Name"] == "terminated"
    clock.advance(200)
    with refused("InvalidInstanceID.NotFound"):
        _instance(client, started["InstanceId"])


def test_an_address_is_not_given_out_while_a_target_has_it(api: Api, client: Any, image: str) -> None:
    (started,) = _run(client, image)
    target = Target(
        target_group_arn="arn:group",
        id=started["InstanceId"],
        port=80,
        address=started["PrivateIpAddress"],
        registered_at=EPOCH,
    )
    asyncio.run(api.context.store.transact(lambda tx: tx.put(TARGETS, target)))
    client.terminate_instances(InstanceIds=[started["InstanceId"]])
    (following,) = _run(client, image)
    assert following["PrivateIpAddress"] != started["PrivateIpAddress"]


def test_a_protected_instance_is_not_terminated(client: Any, refused: Any, image: str) -> None:
    (started,) = _run(client, image, DisableApiTermination=True)
    instance_id = started["InstanceId"]
    with refused("OperationNotPermitted"):
        client.terminate_instances(InstanceIds=[instance_id])
    client.modify_instance_attribute(InstanceId=instance_id, DisableApiTermination={"Value": False})
    client.terminate_instances(InstanceIds=[instance_id])


def test_termination_is_all_or_nothing(client: Any, refused: Any, image: str) -> None:
    (started,) = _run(client, image)
    with refused("InvalidInstanceID.NotFound"):
        client.terminate_instances(InstanceIds=[started["InstanceId"], "i-00000000000000000"])
    assert _instance(client, started["InstanceId"])["State"]["Name"] == "running"


def test_stopping_is_refused_by_name(client: Any, image: str) -> None:
    (started,) = _run(client, image)
    with pytest.raises(Exception, match="StopInstances: Virtual instances have no state to keep"):
        client.stop_instances(InstanceIds=[started["InstanceId"]])


def test_status_is_shown_of_running_instances_unless_all_are_asked_for(client: Any, image: str) -> None:
    (running,) = _run(client, image)
    (pending,) = _run(client, image, UserData=USER_DATA)
    shown = client.describe_instance_status()["InstanceStatuses"]
    assert [(one["InstanceId"], one["InstanceStatus"]["Status"]) for one in shown] == [
        (running["InstanceId"], "ok")
    ]
    everything = client.describe_instance_status(IncludeAllInstances=True)["InstanceStatuses"]
    assert {one["InstanceId"] for one in everything} == {running["InstanceId"], pending["InstanceId"]}


def test_instances_are_found_by_state_zone_and_tag(client: Any, image: str) -> None:
    specification = {"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web"}]}
    (started,) = _run(client, image, TagSpecifications=[specification])
    filters = [
        {"Name": "instance-state-name", "Values": ["pending", "running"]},
        {"Name": "availability-zone", "Values": ["us-east-1*"]},
        {"Name": "tag:Name", "Values": ["web"]},
    ]
    (reservation,) = client.describe_instances(Filters=filters)["Reservations"]
    assert reservation["Instances"][0]["InstanceId"] == started["InstanceId"]
    filters[0] = {"Name": "instance-state-name", "Values": ["stopped"]}
    assert client.describe_instances(Filters=filters)["Reservations"] == []
