"""Act 12: the service follows its load, from one task to two and back."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

from tidegate.cli.demo.load import Kind, LoadGenerator, Tally
from tidegate.cli.demo.story import CLUSTER, SERVICE, Story, check

# Requests a minute that one task should answer. The busy load is 1.6 times that, so that it needs a second
# task, and two are not too few; the quiet load is a tenth, to see that no request fails while one goes.
TARGET = 1500.0
BUSY_RATE, QUIET_RATE = 40.0, 2.5
MIX = (
    Kind(name="GET /ping", path="/ping", weight=4),
    Kind(name="GET /ping, new connection", path="/ping", keep_alive=False),
)
# What AWS's alarms wait for before they act, and the cooldown after it.
OUT_SECONDS, IN_SECONDS = 3 * 60, 15 * 60 + 300
# What the alarm looks at, and the minute in which the load of the acts before has ended.
REST_SECONDS = OUT_SECONDS + 60
PATIENCE_SECONDS = 120


class Scaling:
    number = 12
    title = "Autoscaling"

    def play(self, story: Story) -> Sequence[str]:
        self._begin_with_one(story)
        self._make_scalable(story)
        out, out_seconds = self._under(story, BUSY_RATE, 2, OUT_SECONDS)
        back, back_seconds = self._under(story, QUIET_RATE, 1, IN_SECONDS)
        activities = self._activities(story)
        return [
            f"busy: 1 to 2 tasks in {out_seconds:.0f} s, 0 of {out.sent} requests failed",
            f"quiet: 2 to 1 in {back_seconds:.0f} s, draining, 0 of {back.sent} failed",
            f"{len(activities)} activities, each Successful",
        ]

    def _begin_with_one(self, story: Story) -> None:
        """One task under the quiet load, and nothing of the acts before in the policy's sight: what follows
        is to come from this act's load."""
        props = story.props
        if props.load is not None:
            tally = props.load.stop()
            check(not tally.failures, f"{len(tally.failures)} requests failed: {tally.reasons()}")
            props.load = None
        rest = REST_SECONDS / story.stage.timings.scaling_speed
        until = time.monotonic() + rest
        with LoadGenerator(
            props.address, props.port, host=props.dns_name, rate=QUIET_RATE, kinds=MIX
        ) as load:
            story.ecs.update_service(cluster=CLUSTER, service=SERVICE, desiredCount=1)
            story.steady(1)
            story.until("the load of earlier acts is forgotten", lambda: time.monotonic() > until, rest + 1)
            tally = load.stop()
        story.expect_no_failure(tally)

    def _make_scalable(self, story: Story) -> None:
        scaled = target()
        story.show(
            "application-autoscaling",
            "register-scalable-target",
            service_namespace="ecs",
            resource_id=scaled["ResourceId"],
            scalable_dimension=scaled["ScalableDimension"],
            min_capacity=1,
            max_capacity=2,
        )
        story.autoscaling.register_scalable_target(**scaled, MinCapacity=1, MaxCapacity=2)
        configuration = {
            "TargetValue": TARGET,
            "PredefinedMetricSpecification": {
                "PredefinedMetricType": "ALBRequestCountPerTarget",
                "ResourceLabel": label(story),
            },
        }
        story.show(
            "application-autoscaling",
            "put-scaling-policy",
            policy_name="requests",
            policy_type="TargetTrackingScaling",
            service_namespace="ecs",
            resource_id=scaled["ResourceId"],
            scalable_dimension=scaled["ScalableDimension"],
            target_tracking_scaling_policy_configuration=json.dumps(configuration),
        )
        answer = story.autoscaling.put_scaling_policy(
            **scaled,
            PolicyName="requests",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=configuration,
        )
        names = [alarm["AlarmName"] for alarm in answer["Alarms"]]
        check(len(names) == 2, f"the policy has the alarms {names}")

    def _under(self, story: Story, rate: float, running: int, seconds: float) -> tuple[Tally, float]:
        """Send requests until the service has scaled; what became of them, and how long it took."""
        props, began = story.props, time.monotonic()
        patience = seconds / story.stage.timings.scaling_speed + PATIENCE_SECONDS
        story.say(f"{rate:g} requests a second")
        with LoadGenerator(props.address, props.port, host=props.dns_name, rate=rate, kinds=MIX) as load:
            story.until(
                f"the desired count is {running}",
                lambda: story.service()["desiredCount"] == running,
                patience,
            )
            took = time.monotonic() - began
            story.steady(running)
            tally = load.stop()
        story.expect_no_failure(tally)
        return tally, took

    def _activities(self, story: Story) -> list[dict[str, Any]]:
        story.show("application-autoscaling", "describe-scaling-activities", service_namespace="ecs")

        def ended() -> list[dict[str, Any]] | None:
            found = story.autoscaling.describe_scaling_activities(**target())["ScalingActivities"]
            return found if all(one["StatusCode"] == "Successful" for one in found) else None

        activities = story.until("both activities are successful", ended, 30)
        for activity in reversed(activities):
            story.say(f"{activity['Description']} {activity['Cause']}")
        counts = [activity["Description"] for activity in activities]
        check(
            counts == ["Setting desired count to 1.", "Setting desired count to 2."],
            f"the activities are {counts}",
        )
        return activities


def target() -> dict[str, str]:
    return {
        "ServiceNamespace": "ecs",
        "ResourceId": f"service/{CLUSTER}/{SERVICE}",
        "ScalableDimension": "ecs:service:DesiredCount",
    }


def label(story: Story) -> str:
    """The tails of both ARNs, joined."""
    balancer = story.props.load_balancer_arn.split("loadbalancer/")[1]
    return f"{balancer}/{story.props.target_group_arn.rsplit(':', 1)[1]}"
