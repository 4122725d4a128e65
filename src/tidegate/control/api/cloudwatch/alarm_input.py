"""What PutMetricAlarm and PutCompositeAlarm are given, as an alarm."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from tidegate.control.api.cloudwatch import faults
from tidegate.control.api.cloudwatch.metric_input import metric_of, queries_of
from tidegate.control.decisions.alarms.evaluation import COMPARISONS, TREATMENTS
from tidegate.control.decisions.alarms.transitions import is_url
from tidegate.control.decisions.metric_maths import MathsError, check_queries
from tidegate.domain.arns import parse_arn
from tidegate.domain.cloudwatch import (
    AlarmActions,
    AlarmState,
    MetricAlarm,
    MetricQuery,
    MetricStat,
    UnknownStatisticError,
    check_statistic,
    is_percentile,
)
from tidegate.domain.tags import Tags

_FINE_PERIODS = (10, 20, 30)
_DAY = 86_400
# Periods of an hour and more may look back for a week.
_WEEK = 7 * _DAY
_TAGS_MAX = 50
_OF_ONE_METRIC = ("MetricName", "Namespace", "Dimensions", "Period", "Unit", "Statistic", "ExtendedStatistic")


def metric_alarm(
    asked: Mapping[str, Any], *, arn: str, now: datetime, state: AlarmState, tags: Tags
) -> MetricAlarm:
    """The alarm that a request describes. Raises Fault."""
    stat, queries = _subject(asked)
    for name in ("ComparisonOperator", "EvaluationPeriods", "Threshold"):
        if name not in asked:
            raise faults.missing(f"The parameter {name} is required.")
    alarm = MetricAlarm(
        name=asked["AlarmName"],
        arn=arn,
        description=asked.get("AlarmDescription"),
        configured_at=now,
        actions=actions_of(asked),
        state=state,
        stat=stat,
        queries=queries,
        comparison=asked["ComparisonOperator"],
        threshold=asked["Threshold"],
        evaluation_periods=asked["EvaluationPeriods"],
        datapoints_to_alarm=asked.get("DatapointsToAlarm"),
        treat_missing=asked.get("TreatMissingData"),
        low_samples=asked.get("EvaluateLowSampleCountPercentile"),
        tags=tags,
    )
    _check(alarm)
    return alarm


def actions_of(asked: Mapping[str, Any], *, may_scale: bool = True) -> AlarmActions:
    """Raises Fault for actions that Tidegate does not execute."""
    found = {
        name: tuple(asked.get(name, ())) for name in ("OKActions", "AlarmActions", "InsufficientDataActions")
    }
    for name, actions in found.items():
        for action in actions:
            _check_action(name, action, may_scale)
    return AlarmActions(
        on_ok=found["OKActions"],
        on_alarm=found["AlarmActions"],
        on_insufficient=found["InsufficientDataActions"],
        is_enabled=asked.get("ActionsEnabled", True),
    )


def tags_of(asked: Mapping[str, Any]) -> Tags:
    """Raises Fault."""
    items = asked.get("Tags", [])
    tags = {item["Key"]: item["Value"] for item in items}
    if len(tags) < len(items):
        raise faults.invalid_value("The parameter Tags must not name a key twice.")
    return checked_tags(tags)


def checked_tags(tags: Tags) -> Tags:
    if len(tags) > _TAGS_MAX:
        raise faults.invalid_value(f"The number of tags exceeds the limit of {_TAGS_MAX}.")
    for key in tags:
        if key.lower().startswith("aws:"):
            raise faults.invalid_value("Tag keys must not begin with aws:.")
    return tags


def _subject(asked: Mapping[str, Any]) -> tuple[MetricStat | None, tuple[MetricQuery, ...]]:
    if "Metrics" not in asked:
        return _stat(asked), ()
    for name in _OF_ONE_METRIC:
        if name in asked:
            text = f"The parameters Metrics and {name} are mutually exclusive and you have specified both."
            raise faults.invalid_combination(text)
    queries = queries_of(asked["Metrics"], member="Metrics")
    if sum(1 for query in queries if query.returns_data) != 1:
        raise faults.validation("Exactly one element of the metrics list should return data.")
    for query in queries:
        if query.stat is not None:
            _check_period(query.stat.period)
    try:
        check_queries(queries)
    except MathsError as error:
        raise faults.validation(f"Invalid metrics list: {error}.") from error
    return None, queries


def _stat(asked: Mapping[str, Any]) -> MetricStat:
    for name in ("MetricName", "Namespace", "Period"):
        if name not in asked:
            raise faults.missing(f"The parameter {name} is required.")
    simple, extended = asked.get("Statistic"), asked.get("ExtendedStatistic")
    if simple is not None and extended is not None:
        text = "The parameters Statistic and ExtendedStatistic are mutually exclusive"
        raise faults.invalid_combination(f"{text} and you have specified both.")
    statistic = simple or extended
    if statistic is None:
        text = "At least one of the parameters Statistic and ExtendedStatistic must be specified."
        raise faults.missing(text)
    try:
        check_statistic(statistic)
    except UnknownStatisticError as error:
        text = f"The value {statistic} for parameter ExtendedStatistic is not supported."
        raise faults.invalid_value(text) from error
    _check_period(asked["Period"])
    return MetricStat(
        metric=metric_of(asked["Namespace"], asked["MetricName"], asked.get("Dimensions", ())),
        period=asked["Period"],
        statistic=statistic,
        unit=asked.get("Unit"),
    )


def _check(alarm: MetricAlarm) -> None:
    if alarm.comparison not in COMPARISONS:
        text = f"Tidegate does not serve the comparison {alarm.comparison}: it has no anomaly models."
        raise faults.validation(text)
    if alarm.treat_missing is not None and alarm.treat_missing not in TREATMENTS:
        text = f"Option {alarm.treat_missing} is not supported for TreatMissingData. Supported options are "
        raise faults.validation(f"{text}{', '.join(TREATMENTS)}.")
    if (alarm.datapoints_to_alarm or 1) > alarm.evaluation_periods:
        text = "The value for DatapointsToAlarm must be less than or equal to EvaluationPeriods."
        raise faults.validation(text)
    limit = _WEEK if alarm.period >= 3600 else _DAY
    if alarm.period * alarm.evaluation_periods > limit:
        text = f"Metrics cannot be checked across more than {'a week' if limit == _WEEK else 'a day'} "
        raise faults.validation(f"{text}(EvaluationPeriods * Period must be <= {limit}).")
    if alarm.low_samples is not None:
        _check_low_samples(alarm)


def _check_low_samples(alarm: MetricAlarm) -> None:
    if alarm.low_samples not in ("evaluate", "ignore"):
        text = f"Option {alarm.low_samples} is not supported for EvaluateLowSampleCountPercentile. "
        raise faults.validation(f"{text}Supported options are evaluate and ignore.")
    if alarm.stat is None or not is_percentile(alarm.stat.statistic):
        text = "EvaluateLowSampleCountPercentile goes with a percentile only."
        raise faults.validation(text)


def _check_period(period: int) -> None:
    if period not in _FINE_PERIODS and period % 60 != 0:
        raise faults.validation("Period must be 10, 20, 30 or a multiple of 60")


def _has_host(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:
        return False


def _check_action(member: str, action: str, may_scale: bool) -> None:
    if is_url(action):
        if not _has_host(action):
            raise faults.validation(f"The URL {action} in {member} is not valid.")
        return
    arn = parse_arn(action)
    if arn is None:
        raise faults.validation(f"Invalid arn syntax: {action}")
    if arn.service != "autoscaling" or not may_scale:
        text = f"Tidegate does not serve actions of {arn.service} in {member}: it serves URLs"
        raise faults.validation(f"{text}{' and scaling policies' if may_scale else ''}.")
