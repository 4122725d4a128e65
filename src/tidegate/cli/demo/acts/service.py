"""Act 6: the service behind the load balancer, its dynamic ports, and an even spread."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Sequence

from tidegate.cli.demo.http import Connection
from tidegate.cli.demo.load import Kind, LoadGenerator
from tidegate.cli.demo.story import CLUSTER, SERVICE, Story, check

SPREAD_REQUESTS = 2000
SPREAD_TOLERANCE = 0.02
LOAD_RATE = 100.0

LOAD_MIX = (
    Kind(name="GET /ping", path="/ping", weight=6),
    Kind(name="GET /users", path="/users", weight=2),
    Kind(name="GET /ping, new connection", path="/ping", weight=2, keep_alive=False),
)


class RunService:
    number = 6
    title = "Service"

    def play(self, story: Story) -> Sequence[str]:
        props, ecs, grace = story.props, story.ecs, story.stage.timings.health_grace_seconds
        use = {
            "targetGroupArn": props.target_group_arn,
            "containerName": "users-service",
            "containerPort": 5000,
        }
        ecs.create_service(
            cluster=CLUSTER,
            serviceName=SERVICE,
            taskDefinition=props.task_definition_arn,
            desiredCount=2,
            loadBalancers=[use],
            healthCheckGracePeriodSeconds=grace,
        )
        seen = self._watch_registration(story)
        tasks = story.steady(2)
        story.expect_started(2)
        ports = sorted(b["hostPort"] for t in tasks for c in t["containers"] for b in c["networkBindings"])
        check(all(port >= 32768 for port in ports), f"the host ports {ports} are not dynamic")
        story.show("elbv2", "describe-target-health", target_group_arn=props.target_group_arn)

        counts = asyncio.run(spread(story, SPREAD_REQUESTS))
        shares = {container: count / SPREAD_REQUESTS for container, count in counts.items()}
        for container, count in sorted(counts.items()):
            story.say(f"{container}: {count} of {SPREAD_REQUESTS} requests")
        check(len(counts) == 2, f"{len(counts)} containers answered instead of 2")
        uneven = max(shares.values()) - min(shares.values())
        check(uneven <= SPREAD_TOLERANCE, f"the shares differ by {uneven:.1%}")
        # Last: where healthy means nothing, requests fail, and that says more.
        check("initial" in seen, "no target was ever seen initial")

        props.load = LoadGenerator(
            props.address, props.port, host=props.dns_name, rate=LOAD_RATE, kinds=LOAD_MIX
        )
        props.load.start()
        self._scale_to_one(story)
        tally = story.load.mark()
        story.expect_no_failure(tally)
        return [
            f"ports {', '.join(map(str, ports))}, initial then healthy",
            f"spread over 2 targets: {' / '.join(f'{s:.1%}' for s in shares.values())}",
            f"scale-in to 1: 0 of {tally.sent} requests failed",
        ]

    def _watch_registration(self, story: Story) -> set[str]:
        seen: set[str] = set()

        def healthy() -> bool:
            states = list(story.target_states().values())
            seen.update(states)
            return states == ["healthy", "healthy"]

        story.until("both targets are healthy", healthy, 120)
        return seen

    def _scale_to_one(self, story: Story) -> None:
        known = len(story.events())
        story.ecs.update_service(cluster=CLUSTER, service=SERVICE, desiredCount=1)
        story.event("has begun draining connections on 1 tasks.", since=known, timeout_seconds=30)
        story.until("a target drains", lambda: "draining" in story.target_states().values(), 15)
        story.steady(1)
        story.event("has stopped 1 running tasks", since=known)


async def spread(story: Story, requests: int) -> Counter[str]:
    """Which container answered how many of `requests` kept-alive GETs; raises RequestFailedError."""
    counts: Counter[str] = Counter()
    connection = await Connection.open(story.props.address, story.props.port, 5)
    for _ in range(requests):
        if not connection.is_open:
            connection = await Connection.open(story.props.address, story.props.port, 5)
        response = await connection.request("GET", "/ping", host=story.props.dns_name)
        check(response.status == 200, f"/ping answered {response.status}")
        counts[container_id(response.body)] += 1
    connection.close()
    return counts


def container_id(body: bytes) -> str:
    """The container that answered, as the users-service says in its own JSON."""
    return str(json.loads(body).get("container_id", "unknown"))
