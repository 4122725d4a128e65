"""The alarms of target tracking policies, field by field as AWS makes them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tidegate.control.decisions.scaling.owned_alarms import is_as_made, owned_alarms, restored
from tidegate.domain.cloudwatch import AlarmDatapoint, AlarmState, Metric, MetricStat
from tidegate.domain.scaling import TrackingConfiguration
from tidegate.domain.scaling.policy import CPU, MEMORY, REQUESTS
from tidegate.testing.builders import CLUSTER, after
from tidegate.testing.clock import EPOCH
from tidegate.testing.scaling import a_step_policy, a_tracking_policy


def test_the_two_alarms_are_as_aws_makes_them() -> None:
    policy = a_tracking_policy(target=70, creator="c")
    high, low = owned_alarms(policy, EPOCH)
    assert (high.comparison, high.threshold, high.evaluation_periods) == ("GreaterThanThreshold", 70, 3)
    assert (low.comparison, low.threshold, low.evaluation_periods) == ("LessThanThreshold", 63, 15)
    for alarm, reference in zip((high, low), policy.alarms, strict=True):
        assert (alarm.name, alarm.arn) == (reference.name, reference.arn)
        assert alarm.actions.on_alarm == (f"{policy.arn}:createdBy/c",)
        assert alarm.description == (
            f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy.arn}:createdBy/c."
        )
        assert (alarm.datapoints_to_alarm, alarm.treat_missing, alarm.period) == (None, None, 60)
        assert alarm.state.value == "INSUFFICIENT_DATA"


def test_with_scale_in_disabled_there_is_no_low_alarm() -> None:
    (high,) = owned_alarms(a_tracking_policy(disable_scale_in=True), EPOCH)
    assert high.comparison == "GreaterThanThreshold"


def test_policies_that_do_not_track_own_none() -> None:
    assert owned_alarms(a_step_policy("steps", (0, None, 1)), EPOCH) == ()


@pytest.mark.parametrize(("kind", "name"), [(CPU, "CPUUtilization"), (MEMORY, "MemoryUtilization")])
def test_utilisations_are_averages_of_the_service(kind: str, name: str) -> None:
    policy = a_tracking_policy()
    policy = replace(policy, tracking=TrackingConfiguration(target_value=60, predefined_type=kind))
    dimensions = (("ClusterName", CLUSTER), ("ServiceName", "web"))
    assert owned_alarms(policy, EPOCH)[0].stat == MetricStat(
        metric=Metric(namespace="AWS/ECS", name=name, dimensions=dimensions),
        period=60,
        statistic="Average",
        unit="Percent",
    )


def test_requests_for_each_target_are_a_sum_over_the_target_group() -> None:
    tracking = TrackingConfiguration(
        target_value=60, predefined_type=REQUESTS, resource_label="app/lb/1/targetgroup/web/2"
    )
    dimensions = (("LoadBalancer", "app/lb/1"), ("TargetGroup", "targetgroup/web/2"))
    assert owned_alarms(replace(a_tracking_policy(), tracking=tracking), EPOCH)[0].stat == MetricStat(
        metric=Metric(namespace="AWS/ApplicationELB", name="RequestCountPerTarget", dimensions=dimensions),
        period=60,
        statistic="Sum",
    )


def test_a_customised_metric_is_the_alarms_metric() -> None:
    metric = {"Namespace": "Shop", "MetricName": "Backlog", "Dimensions": [{"Name": "q", "Value": "1"}]}
    backlog = Metric(namespace="Shop", name="Backlog", dimensions=(("q", "1"),))
    single = {**metric, "Statistic": "Maximum", "Unit": "Count"}
    tracking = TrackingConfiguration(target_value=60, customized=single)
    (high, _) = owned_alarms(replace(a_tracking_policy(), tracking=tracking), EPOCH)
    assert high.stat == MetricStat(metric=backlog, period=60, statistic="Maximum", unit="Count")

    queries = [
        {"Id": "m", "MetricStat": {"Metric": metric, "Stat": "Sum"}, "ReturnData": False},
        {"Id": "e", "Expression": "m / 2", "Label": "half"},
    ]
    tracking = TrackingConfiguration(target_value=60, customized={"Metrics": queries})
    (high, _) = owned_alarms(replace(a_tracking_policy(), tracking=tracking), EPOCH)
    assert high.stat is None
    first, second = high.queries
    assert first.stat == MetricStat(metric=backlog, period=60, statistic="Sum")
    assert (first.returns_data, second.expression, second.label, second.returns_data) == (
        False,
        "m / 2",
        "half",
        True,
    )


def test_an_edited_alarm_is_restored_and_keeps_its_state() -> None:
    made = owned_alarms(a_tracking_policy(), EPOCH)[0]
    state = AlarmState(value="ALARM", reason="r", updated_at=after(1), changed_at=after(1))
    alive = replace(
        made,
        state=state,
        newest=AlarmDatapoint(at=after(0), value=1),
        configured_at=after(1),
        tags={"a": "b"},
    )
    assert is_as_made(alive, made)
    edited = replace(alive, threshold=1.0)
    assert not is_as_made(edited, made)
    assert restored(edited, made) == alive
    assert restored(None, made) == made
