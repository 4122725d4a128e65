"""Act 13: two revisions share the requests, the slow one is named, and a shift to it is rolled back."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Container, Sequence

from rich.markup import escape

from tidegate.cli.demo.acts.scaling import target
from tidegate.cli.demo.acts.service import container_id
from tidegate.cli.demo.acts.task_definition import register, users_service_definition
from tidegate.cli.demo.http import Connection
from tidegate.cli.demo.load import Kind, LoadGenerator
from tidegate.cli.demo.story import CLUSTER, LOAD_BALANCER, Story, check
from tidegate.cli.places import command_line
from tidegate.control.decisions.comparison.intervals import rate

NAME = "sample-b"
# What is planted in the new revision, and what is expected of any.
DELAY_MS, LIMIT = 300, "150ms"
# Percentages for the new revision, and how many requests are counted at each.
SPLITS = ((10, 1000), (50, 300))
LOAD_RATE = 60.0
KINDS = (Kind(name="GET /ping", path="/ping"),)
CONNECTIONS = 24
# By chance alone a share is outside of its interval once in ten thousand runs.
CONFIDENCE = 0.9999
PATIENCE_SECONDS = 60
# Weights are acknowledged when they are stored, and a moment later in force: a request sent in between
# counts for the split before.
SETTLE_SECONDS = 2


class AbTest:
    number = 13
    title = "A/B test"

    def play(self, story: Story) -> Sequence[str]:
        props = story.props
        # Another task of the old revision would be no harm; its start would only take time.
        story.autoscaling.deregister_scalable_target(**target())
        new_group = self._start_revision(story)
        old = set(asyncio.run(answers(story, CONNECTIONS)))
        figures = [self._share(story, old, new_group, percent, sent) for percent, sent in SPLITS]
        with LoadGenerator(
            props.address, props.port, host=props.dns_name, rate=LOAD_RATE, kinds=KINDS
        ) as load:
            figures.append(self._name_the_slow_one(story))
            self._split(story, new_group, 0)
            figures.append(self._roll_back(story, new_group))
            tally = load.stop()
        story.expect_no_failure(tally)
        self._clear(story)
        return [*figures, f"0 of {tally.sent} requests failed"]

    def _start_revision(self, story: Story) -> str:
        """The new revision in a service and a target group of its own, without a request yet."""
        props, elbv2 = story.props, story.elbv2
        interval = story.stage.timings.health_interval_seconds
        often = (
            {}
            if interval is None
            else {"HealthCheckIntervalSeconds": interval, "HealthCheckTimeoutSeconds": 2}
        )
        group = str(
            elbv2.create_target_group(
                Name=NAME, Protocol="HTTP", Port=5000, VpcId=props.vpc_id, HealthCheckPath="/ping", **often
            )["TargetGroups"][0]["TargetGroupArn"]
        )
        self._split(story, group, 0)
        definition = users_service_definition(story, host_port=0)
        slow = {"name": "RESPONSE_DELAY_MS", "value": str(DELAY_MS)}
        definition["containerDefinitions"][0]["environment"].append(slow)
        use = {"targetGroupArn": group, "containerName": "users-service", "containerPort": 5000}
        story.ecs.create_service(
            cluster=CLUSTER,
            serviceName=NAME,
            taskDefinition=register(story, definition),
            desiredCount=1,
            loadBalancers=[use],
        )

        def is_healthy() -> bool:
            found = elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
            return [one["TargetHealth"]["State"] for one in found] == ["healthy"]

        story.until("the new revision is healthy", is_healthy, PATIENCE_SECONDS)
        return group

    def _share(self, story: Story, old: Container[str], group: str, percent: int, sent: int) -> str:
        """Split the requests and count who answers; a figure, or ActFailedError."""
        self._split(story, group, percent)
        time.sleep(SETTLE_SECONDS)
        counts = asyncio.run(answers(story, sent))
        mine = sum(count for container, count in counts.items() if container not in old)
        found = rate(mine, sent, CONFIDENCE)
        shown = (
            f"{100 - percent}/{percent}: {mine} of {sent} answers are the new revision's, {found.value:.1%} "
            f"({CONFIDENCE:.2%} interval {found.lower:.1%} to {found.upper:.1%})"
        )
        story.say(shown)
        check(found.lower <= percent / 100 <= found.upper, shown)
        return shown

    def _split(self, story: Story, group: str, percent: int) -> None:
        groups = [
            {"TargetGroupArn": story.props.target_group_arn, "Weight": 100 - percent},
            {"TargetGroupArn": group, "Weight": percent},
        ]
        forward = {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}
        story.elbv2.modify_listener(ListenerArn=story.props.listener_arn, DefaultActions=[forward])

    def _name_the_slow_one(self, story: Story) -> str:
        """Balancers report every five seconds: the verdict comes within two reports."""
        words = ["ab", "compare", LOAD_BALANCER, "--window", "10s"]
        named = f"{NAME} is slower than "

        def verdict() -> str | None:
            lines = run(story, words).stdout.splitlines()
            return "\n".join(lines) if any(line.startswith(named) for line in lines) else None

        shown = story.until(f"`tidegate ab compare` says '{named}...'", verdict, PATIENCE_SECONDS)
        tell(story, words, shown)
        return next(line for line in shown.splitlines() if line.startswith(named)).partition(";")[0]

    def _roll_back(self, story: Story, group: str) -> str:
        words = ["ab", "shift", LOAD_BALANCER, "--to", NAME, "--canary", "20%/20s"]
        words += ["--guard-p95", LIMIT, "--guard-errors", "1%", "--window", "20s", "--patience", "60s"]
        done = run(story, words)
        tell(story, words, done.stdout + done.stderr)
        check(done.returncode == 1, f"the shift to the slow revision exited {done.returncode}")
        listeners = story.elbv2.describe_listeners(ListenerArns=[story.props.listener_arn])["Listeners"]
        config = listeners[0]["DefaultActions"][0]["ForwardConfig"]
        weights = {one["TargetGroupArn"]: one["Weight"] for one in config["TargetGroups"]}
        check(weights[group] == 0, f"after the roll-back the weights are {sorted(weights.values())}")
        line = done.stdout.splitlines()[-1]
        check("rolled back: a guard is broken at 20 %" in line, f"the shift ended otherwise: {line}")
        return line.partition(" ")[2]

    def _clear(self, story: Story) -> None:
        forward = {"Type": "forward", "TargetGroupArn": story.props.target_group_arn}
        story.elbv2.modify_listener(ListenerArn=story.props.listener_arn, DefaultActions=[forward])
        story.ecs.delete_service(cluster=CLUSTER, service=NAME, force=True)


async def answers(story: Story, requests: int) -> Counter[str]:
    """Which container answered how many of `requests`, over several connections at once. Raises
    RequestFailedError, ActFailedError."""
    counts: Counter[str] = Counter()
    left = iter(range(requests))

    async def ask() -> None:
        connection = await Connection.open(story.props.address, story.props.port, 5)
        for _ in left:
            if not connection.is_open:
                connection = await Connection.open(story.props.address, story.props.port, 5)
            response = await connection.request("GET", "/ping", host=story.props.dns_name)
            check(response.status == 200, f"/ping answered {response.status}")
            counts[container_id(response.body)] += 1
        connection.close()

    await asyncio.gather(*(ask() for _ in range(CONNECTIONS)))
    return counts


def run(story: Story, words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Another `tidegate` command on the stage's installation."""
    command = [sys.executable, "-m", "tidegate.cli.main", *words, "--data-dir", str(story.stage.data_dir)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def tell(story: Story, words: Sequence[str], output: str) -> None:
    story.say(f"[dim]$[/dim] [cyan]{command_line(' '.join(words), story.stage.data_dir)}[/cyan]")
    for line in output.splitlines():
        story.say(escape(line))
