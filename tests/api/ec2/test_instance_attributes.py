"""What clients ask of an instance at every refresh."""

from __future__ import annotations

import base64
from typing import Any

import pytest


@pytest.fixture
def instance(client: Any, image: str) -> str:
    started = client.run_instances(
        ImageId=image, InstanceType="t2.micro", MinCount=1, MaxCount=1, UserData="echo hello"
    )
    return str(started["Instances"][0]["InstanceId"])


@pytest.mark.parametrize(
    ("attribute", "member", "value"),
    [
        ("instanceInitiatedShutdownBehavior", "InstanceInitiatedShutdownBehavior", "stop"),
        ("disableApiStop", "DisableApiStop", False),
        ("disableApiTermination", "DisableApiTermination", False),
        ("userData", "UserData", base64.b64encode(b"echo hello").decode()),
        ("instanceType", "InstanceType", "t2.micro"),
    ],
)
def test_attributes_are_described_one_at_a_time(
    client: Any, instance: str, attribute: str, member: str, value: object
) -> None:
    answer = client.describe_instance_attribute(InstanceId=instance, Attribute=attribute)
    assert answer[member] == {"Value": value}


def test_changes_are_read_back(client: Any, refused: Any, instance: str) -> None:
    client.modify_instance_attribute(InstanceId=instance, DisableApiStop={"Value": True})
    stop = client.describe_instance_attribute(InstanceId=instance, Attribute="disableApiStop")
    assert stop["DisableApiStop"]["Value"] is True
    client.modify_instance_attribute(
        InstanceId=instance, Attribute="instanceInitiatedShutdownBehavior", Value="terminate"
    )
    behavior = client.describe_instance_attribute(
        InstanceId=instance, Attribute="instanceInitiatedShutdownBehavior"
    )
    assert behavior["InstanceInitiatedShutdownBehavior"]["Value"] == "terminate"
    with refused("IncorrectInstanceState"):
        client.modify_instance_attribute(InstanceId=instance, UserData={"Value": b"echo other"})
    with refused("UnsupportedOperation"):
        client.modify_instance_attribute(InstanceId=instance, InstanceType={"Value": "t2.small"})


def test_the_root_volume_and_the_credits_are_described(client: Any, instance: str) -> None:
    reservations = client.describe_instances(InstanceIds=[instance])["Reservations"]
    volume = reservations[0]["Instances"][0]["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    (found,) = client.describe_volumes(VolumeIds=[volume])["Volumes"]
    assert found["Attachments"][0]["InstanceId"] == instance
    credits = client.describe_instance_credit_specifications(InstanceIds=[instance])
    assert credits["InstanceCreditSpecifications"] == [{"InstanceId": instance, "CpuCredits": "standard"}]
