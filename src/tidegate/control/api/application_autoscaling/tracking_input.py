"""The configuration of a target tracking policy, with AWS's checks."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from tidegate.control.api.application_autoscaling import faults
from tidegate.control.decisions.metric_maths import MathsError
from tidegate.control.decisions.metric_maths import check_queries as check_maths
from tidegate.control.decisions.scaling.owned_alarms import query_of
from tidegate.control.store import Transaction
from tidegate.control.store.tables import LOAD_BALANCERS, TARGET_GROUPS
from tidegate.domain.arns import ArnMaker
from tidegate.domain.cloudwatch import UnknownStatisticError, check_statistic
from tidegate.domain.ecs import Service
from tidegate.domain.scaling import TrackingConfiguration
from tidegate.domain.scaling.policy import CPU, MEMORY, REQUESTS
from tidegate.domain.scaling.target import DIMENSION

_PREDEFINED = (CPU, MEMORY, REQUESTS)
_LABEL = re.compile(r"app/([^/\s]+)/([^/\s]+)/targetgroup/([^/\s]+)/([^/\s]+)")
_SINGLE = ("MetricName", "Namespace", "Dimensions", "Statistic", "Unit")


def tracking_configuration(
    tx: Transaction, arns: ArnMaker, service: Service, given: Mapping[str, Any]
) -> TrackingConfiguration:
    """Raises ValidationException."""
    predefined = given.get("PredefinedMetricSpecification")
    customized = given.get("CustomizedMetricSpecification")
    if predefined is None and customized is None:
        text = "PredefinedMetricSpecification or CustomizedMetricSpecification must be set for target "
        raise faults.invalid(f"{text}tracking scaling.")
    if predefined is not None and customized is not None:
        text = "Only one of PredefinedMetricSpecification or CustomizedMetricSpecification can be set for "
        raise faults.invalid(f"{text}target tracking scaling.")
    if predefined is not None:
        _check_predefined(tx, arns, service, predefined)
    if customized is not None:
        _check_customized(customized)
    _check_numbers(given)
    predefined = predefined or {}
    return TrackingConfiguration(
        target_value=given["TargetValue"],
        predefined_type=predefined.get("PredefinedMetricType"),
        resource_label=predefined.get("ResourceLabel"),
        customized=customized,
        scale_out_cooldown_seconds=given.get("ScaleOutCooldown"),
        scale_in_cooldown_seconds=given.get("ScaleInCooldown"),
        disable_scale_in=given.get("DisableScaleIn"),
    )


def _check_numbers(given: Mapping[str, Any]) -> None:
    if not (math.isfinite(given["TargetValue"]) and 0 < given["TargetValue"] <= 2.0**360):
        raise faults.invalid("TargetValue must be greater than 0 and at most 2^360.")
    for name in ("ScaleOutCooldown", "ScaleInCooldown"):
        if given.get(name, 0) < 0:
            raise faults.invalid(f"{name} cannot be less than 0")


def _check_predefined(tx: Transaction, arns: ArnMaker, service: Service, given: Mapping[str, Any]) -> None:
    named, label = given["PredefinedMetricType"], given.get("ResourceLabel")
    if named not in _PREDEFINED:
        types = ", ".join(_PREDEFINED)
        text = f"Scalable dimension {DIMENSION} only supports the following predefined metric types: {types}"
        raise faults.invalid(text)
    if named != REQUESTS:
        if label is not None:
            text = f"Resource label should not be specified for predefined metric type {named}"
            raise faults.invalid(text)
        return
    if label is None:
        raise faults.invalid(f"Resource label should be specified for predefined metric type {named}")
    check_label(tx, arns, service, named, label)


def check_label(tx: Transaction, arns: ArnMaker, service: Service, named: str, label: str) -> None:
    """Whether a label names a load balancer and a target group of the service; raises
    ValidationException."""
    match = _LABEL.fullmatch(label)
    if match is None:
        raise faults.invalid(f"Invalid resource label '{label}' for predefined metric type {named}")
    balancer = tx.get(LOAD_BALANCERS, arns.load_balancer(match[1], match[2]))
    group = tx.get(TARGET_GROUPS, arns.target_group(match[3], match[4]))
    used = {use.target_group_arn for use in service.load_balancers}
    if balancer is None or group is None or group.arn not in used:
        raise faults.invalid(
            f"Invalid resource label '{label}' for predefined metric type {named}: it must name a load "
            "balancer and a target group that the service uses"
        )


def _check_customized(given: Mapping[str, Any]) -> None:
    queries = given.get("Metrics")
    if queries is not None and any(name in given for name in _SINGLE):
        raise faults.invalid(
            "The customized metric specification is not valid. You can use a specification with metric math "
            "or a specification without metric math, but not a combination of both."
        )
    if queries is None:
        missing = [name for name in ("MetricName", "Namespace", "Statistic") if name not in given]
        if missing:
            text = f"The customized metric specification is not valid. {' and '.join(missing)} must be set."
            raise faults.invalid(text)
    else:
        check_queries(queries)


def check_queries(queries: Sequence[Mapping[str, Any]]) -> None:
    """Whether queries form one metric: each a metric or an expression, and one of them its result."""
    text = "The customized metric specification is not valid. "
    ids = [query["Id"] for query in queries]
    if len(set(ids)) != len(ids):
        raise faults.invalid(f"{text}The Id of each metric must be unique.")
    for query in queries:
        if ("Expression" in query) == ("MetricStat" in query):
            raise faults.invalid(f"{text}{query['Id']} must have either an Expression or a MetricStat.")
        metric = query.get("MetricStat", {}).get("Metric")
        if metric is not None and not ("MetricName" in metric and "Namespace" in metric):
            raise faults.invalid(f"{text}The metric of {query['Id']} must have a MetricName and a Namespace.")
    if sum(1 for query in queries if query.get("ReturnData", True)) != 1:
        raise faults.invalid(f"{text}ReturnData must be true for exactly one of the metrics.")
    for query in queries:
        _check_statistic(query.get("MetricStat"), text)
    try:
        check_maths(tuple(map(query_of, queries)))
    except MathsError as error:
        raise faults.invalid(f"{text}{error}.") from error


def _check_statistic(stat: Mapping[str, Any] | None, text: str) -> None:
    try:
        check_statistic(stat["Stat"] if stat else "Average")
    except UnknownStatisticError as error:
        raise faults.invalid(f"{text}There is no statistic {stat and stat['Stat']}.") from error
