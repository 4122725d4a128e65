"""Act 4: the cluster and its two container instances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tidegate.cli.demo.story import CLUSTER, Story, check

T2_MICRO = {"CPU": 1024, "MEMORY": 983}


class Instances:
    number = 4
    title = "Instances"

    def play(self, story: Story) -> Sequence[str]:
        props = story.props
        story.ecs.create_cluster(clusterName=CLUSTER)
        for subnet in props.subnet_ids:
            launch(story, subnet, [props.security_group_id])
        described = wait_for_container_instances(story, 2)

        for instance in described:
            registered = {r["name"]: r.get("integerValue") for r in instance["registeredResources"]}
            for resource, amount in T2_MICRO.items():
                found = registered[resource]
                check(found == amount, f"a t2.micro registered {resource} {found} instead of {amount}")
        zones = {_attribute(instance, "ecs.availability-zone") for instance in described}
        check(len(zones) == 2, f"the instances share a zone: {zones}")
        ids = [instance["ec2InstanceId"] for instance in described]
        reservations = story.ec2.describe_instances(InstanceIds=ids)["Reservations"]
        addresses = sorted(i["PrivateIpAddress"] for r in reservations for i in r["Instances"])
        check(len(set(addresses)) == 2, f"the instances share an address: {addresses}")
        return [f"2 x t2.micro, 1,024 CPU units and 983 MiB each, at {', '.join(addresses)}"]


def launch(story: Story, subnet: str, security_groups: list[str]) -> str:
    """Start one t2.micro for the story's cluster; returns its instance id."""
    user_data = f"#!/bin/bash\necho ECS_CLUSTER={CLUSTER} >> /etc/ecs/ecs.config\n"
    image = story.ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    answer = story.ec2.run_instances(
        ImageId=image,
        InstanceType="t2.micro",
        MinCount=1,
        MaxCount=1,
        KeyName="ecs",
        SubnetId=subnet,
        UserData=user_data,
        **({"SecurityGroupIds": security_groups} if security_groups else {}),
    )
    return str(answer["Instances"][0]["InstanceId"])


def wait_for_container_instances(story: Story, count: int) -> list[dict[str, Any]]:
    """Wait until `count` agents of the story's cluster are connected; their descriptions."""

    def connected() -> list[dict[str, Any]] | None:
        arns = story.ecs.list_container_instances(cluster=CLUSTER)["containerInstanceArns"]
        if len(arns) != count:
            return None
        answer = story.ecs.describe_container_instances(cluster=CLUSTER, containerInstances=arns)
        described: list[dict[str, Any]] = answer["containerInstances"]
        return described if all(instance["agentConnected"] for instance in described) else None

    return story.until(f"{count} container instances are connected", connected, 60)


def _attribute(instance: dict[str, Any], name: str) -> str | None:
    return next((a.get("value") for a in instance["attributes"] if a["name"] == name), None)
