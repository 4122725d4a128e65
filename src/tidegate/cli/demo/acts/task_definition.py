"""Act 5: a fixed host port cannot be had twice on one instance; host port 0 can."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tidegate.cli.demo.story import CLUSTER, FAMILY, Story, check

FIXED = "fixed-port"


class TaskDefinition:
    number = 5
    title = "Task definition"

    def play(self, story: Story) -> Sequence[str]:
        ecs = story.ecs
        fixed = register(story, users_service_definition(story, host_port=5000))
        ecs.create_service(cluster=CLUSTER, serviceName=FIXED, taskDefinition=fixed, desiredCount=3)
        text = "is already using a port required by your task"
        message = story.event("was unable to place a task", text, name=FIXED, timeout_seconds=60)
        story.say(message)
        story.until("two of the three tasks run", lambda: story.service(FIXED)["runningCount"] == 2, 60)

        answer = ecs.run_task(cluster=CLUSTER, taskDefinition=fixed)
        reasons = sorted({failure["reason"] for failure in answer["failures"]})
        check(not answer["tasks"], "RunTask started a task on a port that is taken")
        check(reasons == ["RESOURCE:PORTS"], f"RunTask failed with {reasons}")

        ecs.delete_service(cluster=CLUSTER, service=FIXED, force=True)
        story.until("its tasks are gone", lambda: not story.tasks(service=FIXED), 60)
        dynamic = register(story, users_service_definition(story, host_port=0))
        story.props.task_definition_arn = dynamic
        check(dynamic.endswith(":2"), f"the new revision is {dynamic}")
        return ["hostPort 5000: third task refused", "RunTask: RESOURCE:PORTS", f"hostPort 0: {FAMILY}:2"]


def users_service_definition(story: Story, *, host_port: int, family: str = FAMILY) -> dict[str, Any]:
    """The users-service as RegisterTaskDefinition takes it.

    Its database lives in a host volume whose path is the same inside and outside, which both runtimes
    can do; so all replicas share it.
    """
    folder = str(story.stage.data_dir / "demo" / "users-service")
    return {
        "family": family,
        "containerDefinitions": [
            {
                "name": "users-service",
                "image": story.stage.image,
                "cpu": 128,
                "memoryReservation": 128,
                "essential": True,
                "portMappings": [{"containerPort": 5000, "hostPort": host_port, "protocol": "tcp"}],
                "environment": [
                    {"name": "DATABASE_URL", "value": f"sqlite:///{folder}/users.db"},
                    {"name": "SECRET_KEY", "value": "demo-only"},
                    {"name": "BCRYPT_LOG_ROUNDS", "value": "4"},
                ],
                "mountPoints": [{"sourceVolume": "database", "containerPath": folder}],
            }
        ],
        "volumes": [{"name": "database", "host": {"sourcePath": folder}}],
    }


def register(story: Story, definition: dict[str, Any]) -> str:
    """Register a revision; its ARN."""
    answer = story.ecs.register_task_definition(**definition)
    return str(answer["taskDefinition"]["taskDefinitionArn"])
