"""Act 3: the commonest mistake, instances in another VPC than the target group's, and its mend."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from tidegate.cli.demo.acts.instances import launch, wait_for_container_instances
from tidegate.cli.demo.acts.task_definition import users_service_definition
from tidegate.cli.demo.story import CLUSTER, SERVICE, Story, check


class WrongVpc:
    number = 3
    title = "The wrong VPC"

    def play(self, story: Story) -> Sequence[str]:
        ecs, ec2, props = story.ecs, story.ec2, story.props
        vpc = ec2.create_vpc(CidrBlock="172.16.0.0/16")["Vpc"]["VpcId"]
        zone = f"{story.stage.region}a"
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="172.16.1.0/24", AvailabilityZone=zone)["Subnet"]

        ecs.create_cluster(clusterName=CLUSTER)
        instances = [launch(story, subnet["SubnetId"], []) for _ in range(2)]
        wait_for_container_instances(story, 2)
        definition = users_service_definition(story, host_port=0, family="testdriven-misplaced")
        arn = ecs.register_task_definition(**definition)["taskDefinition"]["taskDefinitionArn"]
        use = {
            "targetGroupArn": props.target_group_arn,
            "containerName": "users-service",
            "containerPort": 5000,
        }
        ecs.create_service(
            cluster=CLUSTER, serviceName=SERVICE, taskDefinition=arn, desiredCount=2, loadBalancers=[use]
        )

        message = story.event("failed to register targets in (target-group", timeout_seconds=90)
        named = next((instance for instance in instances if instance in message), None)
        expected = (
            f"(service {SERVICE}) failed to register targets in (target-group {props.target_group_arn}) "
            f"with (error The following targets are not in the target group VPC '{props.vpc_id}': '{named}')"
        )
        check(message == expected, f"the event says: {message}")
        check(not story.target_states(), "a target of the wrong VPC is listed")
        story.say(message)
        self._clean_up(story, instances, arn, subnet["SubnetId"], vpc)
        return [
            "the event names the VPC and the instance",
            "no target listed",
            "all deleted under their names",
        ]

    def _clean_up(self, story: Story, instances: list[str], definition: str, subnet: str, vpc: str) -> None:
        ecs, ec2 = story.ecs, story.ec2
        ecs.delete_service(cluster=CLUSTER, service=SERVICE, force=True)
        with story.waiting("the service is inactive"):
            ecs.get_waiter("services_inactive").wait(
                cluster=CLUSTER, services=[SERVICE], WaiterConfig={"Delay": 1, "MaxAttempts": 90}
            )
        ec2.terminate_instances(InstanceIds=instances)
        with story.waiting("the instances are terminated"):
            ec2.get_waiter("instance_terminated").wait(
                InstanceIds=instances, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
            )
        ecs.deregister_task_definition(taskDefinition=definition)

        def deleted() -> bool:
            with contextlib.suppress(ecs.exceptions.ClusterContainsContainerInstancesException):
                ecs.delete_cluster(cluster=CLUSTER)
                return True
            return False

        story.until("the cluster is deleted", deleted, 30)
        ec2.delete_subnet(SubnetId=subnet)
        ec2.delete_vpc(VpcId=vpc)
