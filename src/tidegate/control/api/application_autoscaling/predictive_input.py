"""The configuration of a predictive scaling policy, with AWS's checks. It is kept and described; what
would have to forecast is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidegate.control.api.application_autoscaling import faults
from tidegate.control.api.application_autoscaling.tracking_input import check_label
from tidegate.control.store import Transaction
from tidegate.domain.arns import ArnMaker
from tidegate.domain.ecs import Service
from tidegate.domain.scaling.target import DIMENSION

NO_FORECASTS = "Tidegate does not forecast"

_PAIR = "PredefinedMetricPairSpecification"
_SCALING = ("PredefinedScalingMetricSpecification", "CustomizedScalingMetricSpecification")
_LOAD = ("PredefinedLoadMetricSpecification", "CustomizedLoadMetricSpecification")
_PAIR_TYPES = ("ECSServiceMemoryUtilization", "ALBRequestCount", "ECSServiceCPUUtilization")
_LABELLED = "ALBRequestCount"
_HONOUR, _INCREASE = "HonorMaxCapacity", "IncreaseMaxCapacity"
_BUFFER_SECONDS_BELOW = 3600


def predictive_configuration(
    tx: Transaction, arns: ArnMaker, service: Service, given: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The configuration with AWS's defaults; raises ValidationException."""
    if len(given["MetricSpecifications"]) != 1:
        raise faults.invalid("You must specify one metric specification.")
    _check_specification(tx, arns, service, given["MetricSpecifications"][0])
    behaviour, buffer = given.get("MaxCapacityBreachBehavior", _HONOUR), given.get("MaxCapacityBuffer")
    if behaviour == _INCREASE and buffer is None:
        raise faults.invalid("You must specify MaxCapacityBuffer when using IncreaseMaxCapacity.")
    if behaviour == _HONOUR and buffer is not None:
        raise faults.invalid("You cannot specify MaxCapacityBuffer when using HonorMaxCapacity.")
    if given.get("SchedulingBufferTime", 0) >= _BUFFER_SECONDS_BELOW:
        raise faults.invalid("SchedulingBufferTime must be less than 3600 seconds.")
    if given.get("Mode", "ForecastOnly") != "ForecastOnly":
        raise faults.invalid(
            f"{NO_FORECASTS}: it serves the parameter Mode with the value ForecastOnly only."
        )
    defaults = {"Mode": "ForecastOnly", "SchedulingBufferTime": 300, "MaxCapacityBreachBehavior": _HONOUR}
    return {**defaults, **given}


def _check_specification(tx: Transaction, arns: ArnMaker, service: Service, given: Mapping[str, Any]) -> None:
    scaling, load = [name for name in _SCALING if name in given], [name for name in _LOAD if name in given]
    counts = (int(_PAIR in given), len(scaling), len(load))
    if counts not in ((1, 0, 0), (0, 1, 1)):
        raise faults.invalid(
            "The metric specification is invalid. A policy must have either one scaling metric and one load "
            "metric or one metric pair."
        )
    pair = given.get(_PAIR)
    if pair is not None and pair["PredefinedMetricType"] not in _PAIR_TYPES:
        raise faults.invalid(
            f"The predefined metric pair type for scalable dimension {DIMENSION} isn't valid. The supported "
            f"values are: {_PAIR_TYPES[0]}, {_PAIR_TYPES[1]} and {_PAIR_TYPES[2]}."
        )
    if pair is not None:
        _check_pair_label(tx, arns, service, pair)


def _check_pair_label(tx: Transaction, arns: ArnMaker, service: Service, pair: Mapping[str, Any]) -> None:
    named, label = pair["PredefinedMetricType"], pair.get("ResourceLabel")
    if named == _LABELLED and label is None:
        raise faults.invalid(f"Resource label should be specified for predefined metric type {named}")
    if named != _LABELLED and label is not None:
        raise faults.invalid(f"Resource label should not be specified for predefined metric type {named}")
    if label is not None:
        check_label(tx, arns, service, named, label)
