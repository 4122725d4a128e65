"""The plain `aws` CLI plays the main job: network, load balancer, instances, service, deploy, tasks, the
end; its waiters included."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from tests.system.commands import Aws, address_of
from tests.system.conftest import Product
from tests.system.shops import until

from tidegate.cli.demo.load import Kind, LoadGenerator

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

SHOP = Path(__file__).parent / "shop"
CLUSTER = ("--cluster", "shop")
SERVICE = (*CLUSTER, "--service", "shop")
SERVICES = (*CLUSTER, "--services", "shop")
LISTENER_PORT = 8081
USER_DATA = "#!/bin/bash\necho ECS_CLUSTER=shop >> /etc/ecs/ecs.config\n"


class Story:
    """What the commands made, and reading it."""

    def __init__(self, product: Product, folder: Path) -> None:
        self.aws = Aws(product)
        self._product = product
        self._ecs = product.client("ecs")
        self._folder = folder
        self.load_balancer = ""
        self.listener = ""
        self.group = ""
        self.instances: list[str] = []

    def make_load_balancer(self) -> None:
        vpc = self.aws("ec2", "describe-vpcs", "--query", "Vpcs[?IsDefault]|[0].VpcId")
        subnets = self.aws("ec2", "describe-subnets", "--query", "Subnets[].SubnetId")
        firewall = self.aws(
            *("ec2", "describe-security-groups", "--filters", f"Name=vpc-id,Values={vpc}"),
            *("Name=group-name,Values=default", "--query", "SecurityGroups[0].GroupId"),
        )
        self.aws(
            *("ec2", "authorize-security-group-ingress", "--group-id", firewall, "--protocol", "tcp"),
            *("--port", str(LISTENER_PORT), "--cidr", "0.0.0.0/0"),
        )
        self.load_balancer = self.aws(
            *("elbv2", "create-load-balancer", "--name", "shop", "--subnets", *subnets),
            *("--query", "LoadBalancers[0].LoadBalancerArn"),
        )
        self.group = self.aws(
            *("elbv2", "create-target-group", "--name", "shop", "--protocol", "HTTP", "--port", "8080"),
            *("--vpc-id", vpc, "--health-check-path", "/", "--health-check-interval-seconds", "5"),
            *("--health-check-timeout-seconds", "2"),
            *("--query", "TargetGroups[0].TargetGroupArn"),
        )
        self.aws(
            *("elbv2", "modify-target-group-attributes", "--target-group-arn", self.group),
            *("--attributes", "Key=deregistration_delay.timeout_seconds,Value=3"),
        )
        self.listener = self.aws(
            *("elbv2", "create-listener", "--load-balancer-arn", self.load_balancer, "--protocol", "HTTP"),
            *("--port", str(LISTENER_PORT), "--default-actions", f"Type=forward,TargetGroupArn={self.group}"),
            *("--query", "Listeners[0].ListenerArn"),
        )
        self.aws("elbv2", "wait", "load-balancer-available", "--load-balancer-arns", self.load_balancer)

    def start_instances(self) -> None:
        self.aws("ecs", "create-cluster", "--cluster-name", "shop")
        image = self.aws(
            *(
                "ssm",
                "get-parameter",
                "--name",
                "/aws/service/ecs/optimized-ami/amazon-linux-2/recommended/image_id",
            ),
            *("--query", "Parameter.Value"),
        )
        self.instances = self.aws(
            *("ec2", "run-instances", "--image-id", image, "--instance-type", "t2.micro", "--count", "2"),
            *("--user-data", USER_DATA, "--query", "Instances[].InstanceId"),
        )
        self.aws("ec2", "wait", "instance-running", "--instance-ids", *self.instances)

    def register(self, tag: str) -> str:
        """As a pipeline does it, from a file."""
        document = {
            "family": "shop",
            "containerDefinitions": [
                {
                    "name": "web",
                    "image": f"shop:{tag}",
                    "memory": 64,
                    "portMappings": [{"containerPort": 8080, "hostPort": 0}],
                }
            ],
        }
        path = self._folder / f"definition-{tag}.json"
        path.write_text(json.dumps(document))
        arn: str = self.aws(
            *("ecs", "register-task-definition", "--cli-input-json", f"file://{path}"),
            *("--query", "taskDefinition.taskDefinitionArn"),
        )
        return arn

    def create_service(self, definition: str) -> None:
        use = f"targetGroupArn={self.group},containerName=web,containerPort=8080"
        self.aws(
            *("ecs", "create-service", *CLUSTER, "--service-name", "shop", "--task-definition", definition),
            *("--desired-count", "2", "--load-balancers", use),
        )
        self.wait_until_stable()

    def wait_until_stable(self) -> None:
        self.aws("ecs", "wait", "services-stable", *SERVICES)

    def service(self) -> Any:
        return self.aws("ecs", "describe-services", *SERVICES, "--query", "services[0]")

    def described(self, deployment: str) -> Any:
        answer = self._ecs.describe_service_deployments(serviceDeploymentArns=[deployment])
        return answer["serviceDeployments"][0]

    def address(self) -> str:
        return address_of(self._product, self.load_balancer)

    def body(self) -> str:
        with urllib.request.urlopen(f"http://{self.address()}:{LISTENER_PORT}/", timeout=10) as answer:
            return str(answer.read().decode())


def test_the_main_job_through_the_aws_cli(product: Product, tmp_path: Path) -> None:
    for tag in ("1", "2"):
        product.tidegate("image", "build", str(SHOP), "-t", f"shop:{tag}")
    story = Story(product, tmp_path)
    aws = story.aws
    story.make_load_balancer()
    story.start_instances()

    story.create_service(story.register("1"))
    aws("elbv2", "wait", "target-in-service", "--target-group-arn", story.group)
    assert story.body() == "open\n"
    targets = aws("elbv2", "describe-target-health", "--target-group-arn", story.group)
    assert len(targets["TargetHealthDescriptions"]) == 2

    _deploys_under_load(story)
    _scales(story)
    _runs_and_stops_a_task(aws)
    _refuses_by_name(aws)
    _ends(story)


def _deploys_under_load(story: Story) -> None:
    definition = story.register("2")
    kinds = [Kind(name="new connection", path="/", keep_alive=False)]
    with LoadGenerator(story.address(), LISTENER_PORT, host="shop", rate=50, kinds=kinds) as load:
        _rolls_back(story, definition)
        story.aws("ecs", "update-service", *SERVICE, "--task-definition", definition)
        story.wait_until_stable()
        tally = load.stop()
    assert tally.failures == []
    service = story.service()
    assert service["taskDefinition"] == definition
    # What services-stable ignores: it must not have returned before the new revision ran.
    assert [d["rolloutState"] for d in service["deployments"]] == ["COMPLETED"]
    tasks = story.aws("ecs", "list-tasks", *CLUSTER, "--service-name", "shop", "--query", "taskArns")
    images = story.aws(
        *("ecs", "describe-tasks", *CLUSTER, "--tasks", *tasks),
        *("--query", "tasks[].containers[].image"),
    )
    assert images == ["shop:2", "shop:2"]


def _rolls_back(story: Story, definition: str) -> None:
    """A deployment that is half-way: some of its tasks take requests."""
    deployment = story.aws(
        *("ecs", "update-service", *SERVICE, "--task-definition", definition),
        *("--query", "service.currentServiceDeployment"),
    )
    until(lambda: story.described(deployment)["targetServiceRevision"]["runningTaskCount"], "a new task runs")
    story.aws("ecs", "stop-service-deployment", "--service-deployment-arn", deployment)
    until(lambda: story.described(deployment)["status"] == "ROLLBACK_SUCCESSFUL", "it is rolled back")
    described = story.described(deployment)
    source = described["sourceServiceRevisions"][0]["arn"]
    assert described["rollback"]["serviceRevisionArn"] == source
    assert (described["deploymentCircuitBreaker"]["status"], "finishedAt" in described) == ("DISABLED", True)
    assert story.service()["taskDefinition"].endswith("/shop:1")
    statuses = story.aws(
        *("ecs", "list-service-deployments", *SERVICE, "--query", "serviceDeployments[].status")
    )
    assert statuses == ["ROLLBACK_SUCCESSFUL", "SUCCESSFUL"]


def _scales(story: Story) -> None:
    """The task that would go first is protected, and stays; it ends with its service."""
    tasks = story.aws("ecs", "list-tasks", *CLUSTER, "--service-name", "shop", "--query", "taskArns")
    described = story.aws("ecs", "describe-tasks", *CLUSTER, "--tasks", *tasks, "--query", "tasks")
    newest = max(task["createdAt"] for task in described)
    first = min(task["taskArn"] for task in described if task["createdAt"] == newest)
    story.aws(
        *("ecs", "update-task-protection", *CLUSTER, "--tasks", first),
        *("--protection-enabled", "--expires-in-minutes", "60"),
    )
    story.aws("ecs", "update-service", *SERVICE, "--desired-count", "1")
    story.wait_until_stable()
    left = story.aws("ecs", "list-tasks", *CLUSTER, "--service-name", "shop", "--query", "taskArns")
    assert left == [first]
    service = story.service()
    assert (service["desiredCount"], service["runningCount"]) == (1, 1)
    messages = [event["message"] for event in service["events"]]
    assert "(service shop) has begun draining connections on 1 tasks." in messages
    assert not [message for message in messages if "unable" in message]


def _runs_and_stops_a_task(aws: Aws) -> None:
    started = aws("ecs", "run-task", *CLUSTER, "--task-definition", "shop", "--started-by", "me")
    task = started["tasks"][0]["taskArn"]
    aws("ecs", "wait", "tasks-running", *CLUSTER, "--tasks", task)
    assert aws("ecs", "list-tasks", *CLUSTER, "--started-by", "me")["taskArns"] == [task]
    aws("ecs", "stop-task", *CLUSTER, "--task", task, "--reason", "seen enough")
    aws("ecs", "wait", "tasks-stopped", *CLUSTER, "--tasks", task)
    stopped = aws("ecs", "describe-tasks", *CLUSTER, "--tasks", task, "--query", "tasks[0]")
    assert (stopped["stopCode"], stopped["stoppedReason"]) == ("UserInitiated", "seen enough")


def _refuses_by_name(aws: Aws) -> None:
    refused = aws.refused(
        "ecs", "run-task", *CLUSTER, "--task-definition", "shop", "--launch-type", "FARGATE"
    )
    assert "(InvalidParameterException)" in refused
    assert "Task definition does not support launch_type FARGATE." in refused
    refused = aws.refused("ecs", "describe-capacity-providers")
    assert "DescribeCapacityProviders: There are no capacity providers." in refused


def _ends(story: Story) -> None:
    aws = story.aws
    aws("ecs", "update-service", *SERVICE, "--desired-count", "0")
    aws("ecs", "delete-service", *SERVICE)
    aws("ecs", "wait", "services-inactive", *SERVICES)
    aws("elbv2", "delete-listener", "--listener-arn", story.listener)
    aws("elbv2", "delete-load-balancer", "--load-balancer-arn", story.load_balancer)
    aws("elbv2", "wait", "load-balancers-deleted", "--load-balancer-arns", story.load_balancer)
    aws("elbv2", "delete-target-group", "--target-group-arn", story.group)
    assert "ClusterContainsContainerInstancesException" in aws.refused("ecs", "delete-cluster", *CLUSTER)
    aws("ec2", "terminate-instances", "--instance-ids", *story.instances)
    aws("ec2", "wait", "instance-terminated", "--instance-ids", *story.instances)
    assert aws("ecs", "delete-cluster", *CLUSTER, "--query", "cluster.status") == "INACTIVE"
    assert aws("ecs", "list-clusters")["clusterArns"] == []
