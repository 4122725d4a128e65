"""Scaling policies: what is kept and described of them, and AWS's refusals."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tidegate.control.store.tables import METRIC_ALARMS
from tidegate.domain.elbv2 import LoadBalancer
from tidegate.testing.api import Api
from tidegate.testing.clock import EPOCH, FakeClock
from tidegate.testing.scaling import RESOURCE, SCALED

CPU = {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}
REQUESTS = "ALBRequestCountPerTarget"
TRACKING = {"TargetValue": 50.0, "PredefinedMetricSpecification": CPU}
LABEL = "app/lb/0123456789abcdef/targetgroup/web/0123456789abcdef"
Put = Callable[..., dict[str, Any]]


@pytest.fixture
def put_policy(call: Any, register: Any) -> Put:
    """Puts a policy with a configuration, of target tracking unless told otherwise."""
    register()

    def ask(configuration: Any = None, name: str = "p", kind: str = "TargetTracking", **more: Any) -> Any:
        block = {f"{kind}ScalingPolicyConfiguration": configuration or TRACKING}
        if kind == "Predictive":
            block = {"PredictiveScalingPolicyConfiguration": configuration}
        return call("put_scaling_policy", PolicyName=name, PolicyType=f"{kind}Scaling", **block, **more)

    return ask


@pytest.fixture
def described(client: Any) -> Callable[[], list[dict[str, Any]]]:
    return lambda: list(client.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"])


def test_a_tracking_policy_owns_two_alarms_named_as_aws_names_them(put_policy: Put, described: Any) -> None:
    answer = put_policy()
    uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    resource = f"scalingPolicy:{uuid}:resource/ecs/{RESOURCE}:policyName/p"
    arn = f"arn:aws:autoscaling:us-east-1:000000000000:{resource}"
    assert re.fullmatch(arn, answer["PolicyARN"])
    for alarm, side in zip(answer["Alarms"], ("High", "Low"), strict=True):
        assert re.fullmatch(f"TargetTracking-{RESOURCE}-Alarm{side}-{uuid}", alarm["AlarmName"])
        assert alarm["AlarmARN"] == f"arn:aws:cloudwatch:us-east-1:000000000000:alarm:{alarm['AlarmName']}"
    assert described() == [
        {
            **SCALED,
            "PolicyARN": answer["PolicyARN"],
            "PolicyName": "p",
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": TRACKING,
            "Alarms": answer["Alarms"],
            "CreationTime": EPOCH,
        }
    ]


def test_putting_a_policy_again_keeps_its_arn_and_the_alarms_that_still_fit(
    put_policy: Put, described: Any, clock: FakeClock
) -> None:
    first = put_policy()
    clock.advance(60)
    same = put_policy({**TRACKING, "ScaleInCooldown": 0, "ScaleOutCooldown": 0, "DisableScaleIn": False})
    assert same == first
    assert described()[0]["CreationTime"] == EPOCH
    out_only = put_policy({**TRACKING, "DisableScaleIn": True})
    assert out_only["Alarms"] == first["Alarms"][:1]
    again = put_policy()
    assert again["Alarms"][0] == first["Alarms"][0]
    assert again["Alarms"][1] != first["Alarms"][1]
    other = put_policy({**TRACKING, "TargetValue": 60.0})
    assert other["PolicyARN"] == first["PolicyARN"]
    assert not {alarm["AlarmName"] for alarm in other["Alarms"]} & {a["AlarmName"] for a in again["Alarms"]}


def test_the_alarms_are_written_with_the_policy_and_deleted_with_it(
    put_policy: Put, call: Any, api: Api
) -> None:
    def alarms() -> set[str]:
        return {row.name for row in api.context.store.snapshot.all(METRIC_ALARMS)}

    def named(answer: dict[str, Any]) -> set[str]:
        return {alarm["AlarmName"] for alarm in answer["Alarms"]}

    first = put_policy()
    assert alarms() == named(first)
    other = put_policy({**TRACKING, "TargetValue": 60.0, "DisableScaleIn": True})
    assert alarms() == named(other)
    call("delete_scaling_policy", PolicyName="p")
    assert alarms() == set()
    put_policy()
    call("deregister_scalable_target")
    assert alarms() == set()


def test_a_policy_that_tracks_no_more_owns_no_alarm(put_policy: Put, api: Api) -> None:
    arn = put_policy()["PolicyARN"]
    answer = put_policy(steps((0, None, 1)), kind="Step")
    assert answer == {"PolicyARN": arn, "Alarms": []}
    assert list(api.context.store.snapshot.all(METRIC_ALARMS)) == []


def test_a_step_policy_owns_no_alarm_and_is_the_default(call: Any, register: Any, described: Any) -> None:
    register()
    steps = {
        "AdjustmentType": "PercentChangeInCapacity",
        "StepAdjustments": [
            {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 10.0, "ScalingAdjustment": 10},
            {"MetricIntervalLowerBound": 10.0, "ScalingAdjustment": 30},
        ],
        "MinAdjustmentMagnitude": 2,
        "Cooldown": 0,
        "MetricAggregationType": "Maximum",
    }
    answer = call("put_scaling_policy", PolicyName="p", StepScalingPolicyConfiguration=steps)
    assert answer["Alarms"] == []
    found = described()[0]
    assert found["PolicyType"] == "StepScaling"
    assert found["StepScalingPolicyConfiguration"] == steps


def test_a_policy_may_follow_the_requests_for_each_target(
    put_policy: Put, described: Any, balancer: LoadBalancer
) -> None:
    specification = {"PredefinedMetricType": REQUESTS, "ResourceLabel": LABEL}
    put_policy({"TargetValue": 100.0, "PredefinedMetricSpecification": specification})
    found = described()[0]["TargetTrackingScalingPolicyConfiguration"]
    assert found["PredefinedMetricSpecification"] == specification
    assert balancer.arn.endswith("lb/0123456789abcdef")


def test_a_customised_metric_is_kept_as_it_was_given(put_policy: Put, described: Any) -> None:
    metric = {"MetricName": "Backlog", "Namespace": "Shop", "Dimensions": [{"Name": "queue", "Value": "q"}]}
    single = {**metric, "Statistic": "Average", "Unit": "Count"}
    maths = {
        "Metrics": [
            {"Id": "m1", "MetricStat": {"Metric": metric, "Stat": "Sum"}, "ReturnData": False},
            {"Id": "e1", "Expression": "m1 / 2", "Label": "half"},
        ]
    }
    for specification in (single, maths):
        put_policy({"TargetValue": 5.0, "CustomizedMetricSpecification": specification})
        found = described()[0]["TargetTrackingScalingPolicyConfiguration"]
        assert found["CustomizedMetricSpecification"] == specification


def custom(**specification: Any) -> dict[str, Any]:
    return {"TargetValue": 1.0, "CustomizedMetricSpecification": specification}


def predefined(kind: str, label: str | None = None) -> dict[str, Any]:
    found = {"PredefinedMetricType": kind, **({"ResourceLabel": label} if label else {})}
    return {"TargetValue": 1.0, "PredefinedMetricSpecification": found}


SINGLE = {"MetricName": "m", "Namespace": "n", "Statistic": "Sum"}
STAT = {"Metric": {"MetricName": "m", "Namespace": "n"}, "Stat": "Sum"}


@pytest.mark.parametrize(
    ("configuration", "text"),
    [
        (
            {"TargetValue": 1.0},
            "PredefinedMetricSpecification or CustomizedMetricSpecification must be set for target tracking "
            "scaling.",
        ),
        (
            {**predefined(CPU["PredefinedMetricType"]), "CustomizedMetricSpecification": SINGLE},
            "Only one of PredefinedMetricSpecification or CustomizedMetricSpecification can be set for "
            "target "
            "tracking scaling.",
        ),
        (
            custom(**SINGLE, Metrics=[{"Id": "m", "MetricStat": STAT}]),
            "The customized metric specification is not valid. You can use a specification with metric math "
            "or "
            "a specification without metric math, but not a combination of both.",
        ),
        (custom(MetricName="m"), "Namespace and Statistic must be set."),
        (custom(Metrics=[]), "ReturnData must be true for exactly one"),
        (custom(Metrics=[{"Id": "m"}]), "either an Expression or a MetricStat"),
        (custom(Metrics=[{"Id": "m", "MetricStat": STAT, "Expression": "1"}]), "either an Expression or"),
        (
            custom(Metrics=[{"Id": "m", "MetricStat": {"Metric": {}, "Stat": "Sum"}}]),
            "MetricName and a Namesp",
        ),
        (custom(Metrics=[{"Id": i, "MetricStat": STAT} for i in ("a", "b")]), "exactly one of the metrics"),
        (custom(Metrics=[{"Id": "a", "MetricStat": STAT} for _ in "ab"]), "must be unique"),
        (custom(Metrics=[{"Id": "e", "Expression": "m1 +"}]), "The customized metric specification is not"),
        (custom(Metrics=[{"Id": "e", "Expression": "m1"}]), "The customized metric specification is not"),
        (custom(Metrics=[{"Id": "m", "MetricStat": {**STAT, "Stat": "Most"}}]), "no statistic Most"),
        (
            predefined("RDSReaderAverageCPUUtilization"),
            "Scalable dimension ecs:service:DesiredCount only supports the following predefined metric "
            "types: ",
        ),
        (
            predefined(REQUESTS),
            "Resource label should be specified for predefined metric type ALBRequestCountPerTarget",
        ),
        (
            predefined(CPU["PredefinedMetricType"], LABEL),
            "Resource label should not be specified for predefined metric type "
            "ECSServiceAverageCPUUtilization",
        ),
        (
            predefined(REQUESTS, "x"),
            "Invalid resource label 'x' for predefined metric type ALBRequestCountPerTarget",
        ),
        (predefined(REQUESTS, LABEL.replace("/web/", "/other/")), "a target group that the service uses"),
        ({**TRACKING, "TargetValue": 0.0}, "TargetValue must be greater than 0"),
        ({**TRACKING, "TargetValue": 1e300}, "TargetValue must be greater than 0"),
        ({**TRACKING, "ScaleInCooldown": -1}, "ScaleInCooldown cannot be less than 0"),
    ],
)
def test_bad_tracking_is_refused(
    put_policy: Put, refused: Any, balancer: LoadBalancer, configuration: dict[str, Any], text: str
) -> None:
    assert balancer.name == "lb"
    with refused("ValidationException", text):
        put_policy(configuration)


def steps(*bounds: tuple[float | None, float | None, int], **more: Any) -> dict[str, Any]:
    adjustments = []
    for low, high, adjustment in bounds:
        limits = {"MetricIntervalLowerBound": low, "MetricIntervalUpperBound": high}
        given = {name: bound for name, bound in limits.items() if bound is not None}
        adjustments.append({**given, "ScalingAdjustment": adjustment})
    return {"AdjustmentType": "ChangeInCapacity", "StepAdjustments": adjustments, **more}


@pytest.mark.parametrize(
    ("configuration", "text"),
    [
        ({"StepAdjustments": [{"ScalingAdjustment": 1}]}, "Adjustment type must be specified"),
        (steps(), "There must be at least one step adjustment"),
        (
            steps((None, None, 1)),
            "Both lower and upper bounds of a step adjustment cannot be left unspecified",
        ),
        (steps((5, 5, 1)), "Lower bound must be less than upper bound for a step adjustment"),
        (
            steps((None, 0, 1), (None, -1, 1)),
            "At most one step adjustment may have an unspecified lower bound",
        ),
        (
            steps((0, None, 1), (1, None, 1)),
            "At most one step adjustment may have an unspecified upper bound",
        ),
        (
            steps((-5, 0, 1)),
            "There must be a step adjustment with an unspecified lower bound when one step adjustment has a "
            "negative lower bound",
        ),
        (
            steps((0, 5, 1)),
            "There must be a step adjustment with an unspecified upper bound when one step adjustment has a "
            "positive upper bound",
        ),
        (steps((0, 10, 1), (5, None, 1)), "Step adjustment intervals cannot overlap"),
        (steps((0, 10, 1), (15, None, 1)), "Step adjustment intervals cannot have gaps between them"),
        (
            steps((0, None, 1), MinAdjustmentMagnitude=2),
            "Minimum adjustment magnitude is only allowed for adjustment type PercentChangeInCapacity",
        ),
        (
            steps((0, None, 1), AdjustmentType="PercentChangeInCapacity", MinAdjustmentMagnitude=0),
            "Minimum adjustment magnitude cannot be less than 1",
        ),
        (
            steps((0, None, -1), AdjustmentType="ExactCapacity"),
            "Scaling adjustment cannot be less than 0 when adjustment type is ExactCapacity",
        ),
        (steps((0, None, 1), Cooldown=-1), "Cooldown cannot be less than 0"),
    ],
)
def test_bad_steps_are_refused(
    put_policy: Put, refused: Any, configuration: dict[str, Any], text: str
) -> None:
    with refused("ValidationException", text):
        put_policy(configuration, kind="Step")


def test_more_than_twenty_steps_are_refused(put_policy: Put, refused: Any) -> None:
    many = [(float(number), float(number + 1), 1) for number in range(20)]
    with refused("LimitExceededException"):
        put_policy(steps(*many, (20, None, 1)), kind="Step")


def test_a_policy_has_the_one_configuration_that_its_type_asks_for(
    call: Any, register: Any, refused: Any
) -> None:
    register()
    for kind in ("StepScaling", "TargetTrackingScaling", "PredictiveScaling"):
        with refused("ValidationException", f"{kind} policy configuration must be specified"):
            call("put_scaling_policy", PolicyName="p", PolicyType=kind)
    with refused("ValidationException", "You must only provide a single scaling policy configuration, which"):
        call("put_scaling_policy", PolicyName="p", TargetTrackingScalingPolicyConfiguration=TRACKING)


def test_two_policies_cannot_track_the_same_metric(put_policy: Put, refused: Any) -> None:
    put_policy()
    text = "Only one TargetTrackingScaling policy for a given metric specification is allowed."
    with refused("ValidationException", text):
        put_policy({**TRACKING, "TargetValue": 70.0}, name="other")


def test_fifty_policies_are_enough(put_policy: Put, refused: Any) -> None:
    for number in range(50):
        put_policy(steps((0, None, 1)), name=str(number), kind="Step")
    with refused("LimitExceededException"):
        put_policy(steps((0, None, 1)), kind="Step")
    put_policy(steps((0, None, 2)), name="7", kind="Step")


def test_the_target_is_looked_for_before_the_configuration(call: Any, refused: Any) -> None:
    text = (
        f"No scalable target registered for service namespace: ecs, resource ID: {RESOURCE}, scalable "
        "dimension: ecs:service:DesiredCount"
    )
    with refused("ObjectNotFoundException", text):
        call("put_scaling_policy", PolicyName="p")


def test_a_policy_is_deleted_once(call: Any, put_policy: Put, described: Any, refused: Any) -> None:
    put_policy()
    call("delete_scaling_policy", PolicyName="p")
    assert described() == []
    text = (
        f"No scaling policy found for service namespace: ecs, resource ID: {RESOURCE}, scalable dimension: "
        "ecs:service:DesiredCount, policy name: p"
    )
    with refused("ObjectNotFoundException", text):
        call("delete_scaling_policy", PolicyName="p")


def test_policies_are_listed_ten_at_a_time(client: Any, put_policy: Put) -> None:
    names = [f"p{number:02}" for number in range(12)]
    for name in names:
        put_policy(steps((0, None, 1)), name=name, kind="Step")
    pages = client.get_paginator("describe_scaling_policies").paginate(ServiceNamespace="ecs")
    assert [[row["PolicyName"] for row in page["ScalingPolicies"]] for page in pages] == [
        names[:10],
        names[10:],
    ]
    found = client.describe_scaling_policies(ServiceNamespace="ecs", PolicyNames=["p03"])
    assert [row["PolicyName"] for row in found["ScalingPolicies"]] == ["p03"]


PAIR = {"PredefinedMetricType": "ECSServiceCPUUtilization"}
FORECAST = {"TargetValue": 50.0, "PredefinedMetricPairSpecification": PAIR}


def predictive(*specifications: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"MetricSpecifications": list(specifications or (FORECAST,)), **more}


def test_a_predictive_policy_is_kept_with_the_defaults_and_forecasts_are_refused(
    put_policy: Put, described: Any, call: Any, refused: Any
) -> None:
    assert put_policy(predictive(), kind="Predictive")["Alarms"] == []
    assert described()[0]["PredictiveScalingPolicyConfiguration"] == {
        "MetricSpecifications": [FORECAST],
        "Mode": "ForecastOnly",
        "SchedulingBufferTime": 300,
        "MaxCapacityBreachBehavior": "HonorMaxCapacity",
    }
    span = {"StartTime": EPOCH, "EndTime": EPOCH + timedelta(hours=1)}
    with refused("ValidationException", "Tidegate does not forecast"):
        call("get_predictive_scaling_forecast", PolicyName="p", **span)
    with refused("ValidationException", "No predictive scaling policy named q"):
        call("get_predictive_scaling_forecast", PolicyName="q", **span)


@pytest.mark.parametrize(
    ("configuration", "text"),
    [
        (predictive(FORECAST, FORECAST), "You must specify one metric specification."),
        (
            predictive({"TargetValue": 1.0}),
            "The metric specification is invalid. A policy must have either one scaling metric and one load "
            "metric or one metric pair.",
        ),
        (
            predictive(
                {"TargetValue": 1.0, "PredefinedMetricPairSpecification": {"PredefinedMetricType": "x"}}
            ),
            "The predefined metric pair type for scalable dimension ecs:service:DesiredCount isn't valid. "
            "The "
            "supported values are: ECSServiceMemoryUtilization, ALBRequestCount and "
            "ECSServiceCPUUtilization.",
        ),
        (
            predictive(MaxCapacityBreachBehavior="IncreaseMaxCapacity"),
            "You must specify MaxCapacityBuffer when using IncreaseMaxCapacity.",
        ),
        (
            predictive(MaxCapacityBuffer=5),
            "You cannot specify MaxCapacityBuffer when using HonorMaxCapacity.",
        ),
        (predictive(Mode="ForecastAndScale"), "Tidegate does not forecast"),
        (predictive(SchedulingBufferTime=3600), "SchedulingBufferTime"),
    ],
)
def test_bad_predictions_are_refused(
    put_policy: Put, refused: Any, configuration: dict[str, Any], text: str
) -> None:
    with refused("ValidationException", text):
        put_policy(configuration, kind="Predictive")
