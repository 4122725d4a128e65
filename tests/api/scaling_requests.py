"""A scalable service in the region of `requests.py`, and requests for Application Auto Scaling."""

from __future__ import annotations

from typing import Any

from tidegate.testing.api import Api

_TAGS = {"a": "b"}
_WAYS = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}


def make_scalable(api: Api, service_arn: str) -> str:
    """The ARN of a scalable target with a policy of each kind and a scheduled action."""
    client = api.client("application-autoscaling")
    target = {**_WAYS, "ResourceId": service_arn.split(":", 5)[5]}
    arn = client.register_scalable_target(**target, MinCapacity=1, MaxCapacity=3)["ScalableTargetARN"]
    client.put_scaling_policy(**target, **_tracking("cpu"))
    client.put_scaling_policy(**target, **_predictive("forecast"))
    client.put_scheduled_action(**target, **_schedule("night"))
    return str(arn)


def scaling(
    target_arn: str, service_arn: str, balancer_arn: str, group_arn: str
) -> dict[str, dict[str, Any]]:
    target = {**_WAYS, "ResourceId": service_arn.split(":", 5)[5]}
    tail = balancer_arn.split("loadbalancer/")[1]
    label = f"{tail}/{group_arn.split(':')[5]}"
    return {
        "RegisterScalableTarget": {
            **target,
            "MinCapacity": 1,
            "MaxCapacity": 5,
            "SuspendedState": {"DynamicScalingInSuspended": False},
            "RoleARN": "arn:aws:iam::000000000000:role/r",
            "Tags": _TAGS,
        },
        "DescribeScalableTargets": {**_WAYS, "ResourceIds": [target["ResourceId"]], "MaxResults": 1},
        "PutScalingPolicy": {
            **target,
            **_tracking("requests"),
            "TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": 10.0,
                "PredefinedMetricSpecification": {
                    "PredefinedMetricType": "ALBRequestCountPerTarget",
                    "ResourceLabel": label,
                },
                "ScaleInCooldown": 0,
                "DisableScaleIn": True,
            },
        },
        "DescribeScalingPolicies": {**target, "PolicyNames": ["cpu"], "MaxResults": 1},
        "PutScheduledAction": {**target, **_schedule("day")},
        "DescribeScheduledActions": {**target, "ScheduledActionNames": ["night"], "MaxResults": 1},
        "DescribeScalingActivities": {**target, "IncludeNotScaledActivities": True, "MaxResults": 1},
        "GetPredictiveScalingForecast": {
            **target,
            "PolicyName": "forecast",
            "StartTime": 1_700_000_000,
            "EndTime": 1_700_003_600,
        },
        "TagResource": {"ResourceARN": target_arn, "Tags": _TAGS},
        "UntagResource": {"ResourceARN": target_arn, "TagKeys": ["a"]},
        "ListTagsForResource": {"ResourceARN": target_arn},
        "DeleteScalingPolicy": {**target, "PolicyName": "none"},
        "DeleteScheduledAction": {**target, "ScheduledActionName": "none"},
        "DeregisterScalableTarget": {**target, "ResourceId": "service/c/none"},
    }


def _tracking(name: str) -> dict[str, Any]:
    return {
        "PolicyName": name,
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 50.0,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
        },
    }


def _predictive(name: str) -> dict[str, Any]:
    pair = {"PredefinedMetricType": "ECSServiceCPUUtilization"}
    specification = {"TargetValue": 50.0, "PredefinedMetricPairSpecification": pair}
    return {
        "PolicyName": name,
        "PolicyType": "PredictiveScaling",
        "PredictiveScalingPolicyConfiguration": {"MetricSpecifications": [specification]},
    }


def _schedule(name: str) -> dict[str, Any]:
    return {
        "ScheduledActionName": name,
        "Schedule": "cron(0 10 ? * MON-FRI *)",
        "Timezone": "Europe/Berlin",
        "StartTime": 1_700_000_000,
        "EndTime": 1_900_000_000,
        "ScalableTargetAction": {"MinCapacity": 1, "MaxCapacity": 4},
    }
