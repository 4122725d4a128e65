"""Act 11: the tutorial's own shape, two linked containers with a real PostgreSQL. Docker only."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from tidegate.cli.demo.acts.instances import wait_for_container_instances
from tidegate.cli.demo.acts.task_definition import register
from tidegate.cli.demo.story import CLUSTER, SERVICE, ActSkippedError, Story, check

FAMILY = "testdriven-linked"
LOG_GROUP = "flask-microservices"


class LinkedContainers:
    number = 11
    title = "Linked containers"

    def play(self, story: Story) -> Sequence[str]:
        """The service moves to the linked shape: 1, 2, 1; beside it on one instance nothing fits."""
        if story.stage.runtime != "docker":
            raise ActSkippedError("links and images of PostgreSQL need Docker")
        with suppress(story.logs.exceptions.ResourceAlreadyExistsException):
            story.logs.create_log_group(logGroupName=LOG_GROUP)
        linked = register(story, linked_definition(story))
        story.ecs.update_service(cluster=CLUSTER, service=SERVICE, desiredCount=1)
        story.steady(1)
        story.load.stop()
        self._deploy(story, linked)
        second = self._refused(story, linked)
        logs = self._has_logs(story)
        return ["users-service linked to users-db on PostgreSQL 15, deployed 1, 2, 1", second, logs]

    def _deploy(self, story: Story, linked: str) -> None:
        for definition in (linked, register(story, linked_definition(story, release="2"))):
            counts: list[int] = []
            story.ecs.update_service(cluster=CLUSTER, service=SERVICE, taskDefinition=definition)

            def moved(definition: str = definition, counts: list[int] = counts) -> bool:
                described = story.service()
                running = described["runningCount"]
                if not counts or counts[-1] != running:
                    counts.append(running)
                deployments = described["deployments"]
                return (
                    running == 1 and len(deployments) == 1 and deployments[0]["taskDefinition"] == definition
                )

            patience = 120 + story.stage.timings.drain_seconds
            story.until(f"{definition.rsplit('/', 1)[-1]} runs alone", moved, patience)
            check(counts == [1, 2, 1], f"the running tasks went {counts} instead of [1, 2, 1]")
            (task,) = story.steady(1)
            names = sorted(container["name"] for container in task["containers"])
            check(names == ["users-db", "users-service"], f"the task's containers are {names}")

    def _refused(self, story: Story, linked: str) -> str:
        (task,) = story.tasks()
        instances = wait_for_container_instances(story, 2)
        (host,) = (i for i in instances if i["containerInstanceArn"] == task["containerInstanceArn"])
        remaining = {r["name"]: r.get("integerValue") for r in host["remainingResources"]}
        check(remaining["MEMORY"] == 983 - 600, f"{remaining['MEMORY']} MiB are left beside the task")
        arn = host["containerInstanceArn"]
        answer = story.ecs.start_task(cluster=CLUSTER, taskDefinition=linked, containerInstances=[arn])
        reasons = [failure["reason"] for failure in answer["failures"]]
        check(reasons == ["RESOURCE:MEMORY"], f"a second one on the same instance: {reasons}")
        return "600 of 983 MiB reserved; a second one there: RESOURCE:MEMORY"

    def _has_logs(self, story: Story) -> str:
        (task,) = story.tasks()
        task_id = task["taskArn"].rsplit("/", 1)[-1]
        streams = [f"{name}/{name}/{task_id}" for name in ("users-service", "users-db")]

        def lines(stream: str) -> int:
            answer = story.logs.get_log_events(logGroupName=LOG_GROUP, logStreamName=stream)
            return len(answer["events"])

        story.until("its lines are in CloudWatch Logs", lambda: all(map(lines, streams)), 30)
        return f"awslogs: {' and '.join(f'{lines(one)} lines in {one[:-24]}' for one in streams)}"


def linked_definition(story: Story, release: str = "1") -> dict[str, Any]:
    """The tutorial's task definition; its images have ECR's form of name."""
    stage = story.stage
    registry = f"{stage.account}.dkr.ecr.{stage.region}.amazonaws.com"

    def logs(prefix: str) -> dict[str, Any]:
        return {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": LOG_GROUP,
                "awslogs-region": stage.region,
                "awslogs-stream-prefix": prefix,
            },
        }

    database = "postgresql+psycopg://postgres:postgres@users-db:5432/users"
    return {
        "family": FAMILY,
        "containerDefinitions": [
            {
                "name": "users-service",
                "image": f"{registry}/{stage.image}",
                "cpu": 300,
                "memoryReservation": 300,
                "essential": True,
                "portMappings": [{"containerPort": 5000, "hostPort": 0, "protocol": "tcp"}],
                "environment": [
                    {"name": "DATABASE_URL", "value": database},
                    {"name": "SECRET_KEY", "value": "demo-only"},
                    {"name": "RELEASE", "value": release},
                ],
                "links": ["users-db"],
                "logConfiguration": logs("users-service"),
            },
            {
                "name": "users-db",
                "image": f"{registry}/{stage.database_image}",
                "cpu": 300,
                "memoryReservation": 300,
                "essential": True,
                "portMappings": [{"containerPort": 5432, "hostPort": 0, "protocol": "tcp"}],
                "environment": [
                    {"name": "POSTGRES_USER", "value": "postgres"},
                    {"name": "POSTGRES_PASSWORD", "value": "postgres"},
                    {"name": "POSTGRES_DB", "value": "users"},
                ],
                "logConfiguration": logs("users-db"),
            },
        ],
    }
