"""Members of CreateService and UpdateService, checked and turned into the domain's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tidegate.control.api.ecs.lookup import refuse
from tidegate.control.store import Transaction
from tidegate.control.store.tables import LISTENERS, RULES, TARGET_GROUPS
from tidegate.domain.ecs import (
    CircuitBreaker,
    DeploymentConfiguration,
    LoadBalancerUse,
    PlacementConstraint,
    PlacementStrategy,
    TaskDefinition,
)
from tidegate.domain.elbv2 import Action
from tidegate.wire import Fault

REFUSED = {
    "capacityProviderStrategy": "capacity providers are not supported.",
    "networkConfiguration": (
        "Network Configuration is not valid for the given networkMode of this task definition."
    ),
    "platformVersion": "The platform version must be null when specifying an EC2 launch type.",
    "serviceRegistries": "service discovery is not supported.",
    "serviceConnectConfiguration": "Service Connect is not supported.",
    "volumeConfigurations": "volumes configured at launch are not supported.",
    "vpcLatticeConfigurations": "VPC Lattice is not supported.",
}
_REFUSED_OF_DEPLOYMENT = {
    "bakeTimeInMinutes": "it is for blue/green deployments, which are not supported.",
    "lifecycleHooks": "lifecycle hooks are not supported.",
    "linearConfiguration": "linear deployments are not supported.",
    "canaryConfiguration": "canary deployments are not supported.",
}


def _invalid(message: str) -> Fault:
    return Fault("InvalidParameterException", message)


def deployment_configuration(
    given: Mapping[str, Any] | None, present: DeploymentConfiguration
) -> DeploymentConfiguration:
    """The present configuration with what is given; raises InvalidParameterException."""
    if not given:
        return present
    refuse(given, _REFUSED_OF_DEPLOYMENT)
    if given.get("strategy") not in (None, "", "ROLLING"):
        raise _invalid(
            f"deploymentConfiguration: strategy {given['strategy']} is not supported, only ROLLING."
        )
    alarms = given.get("alarms") or {}
    if alarms.get("enable") or alarms.get("alarmNames"):
        raise _invalid("deploymentConfiguration: alarms are not supported.")
    maximum = given.get("maximumPercent")
    minimum = given.get("minimumHealthyPercent")
    maximum = present.maximum_percent if maximum is None else maximum
    minimum = present.minimum_healthy_percent if minimum is None else minimum
    if not 0 <= minimum <= 100:
        raise _invalid("minimumHealthyPercent must be at most 100")
    if maximum < 100:
        raise _invalid("maximumPercent must be at least 100")
    if maximum == minimum == 100:
        raise _invalid(
            "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block any deployment"
        )
    breaker = given.get("deploymentCircuitBreaker")
    return DeploymentConfiguration(
        maximum_percent=maximum,
        minimum_healthy_percent=minimum,
        circuit_breaker=(
            CircuitBreaker(enable=breaker["enable"], rollback=breaker["rollback"])
            if breaker
            else present.circuit_breaker
        ),
    )


def load_balancers(
    tx: Transaction, given: Sequence[Mapping[str, Any]], definition: TaskDefinition
) -> tuple[LoadBalancerUse, ...]:
    """Checked uses of target groups; raises InvalidParameterException with AWS's texts."""
    if len(given) > 5:
        raise _invalid("load balancers can have at most 5 items.")
    uses: list[LoadBalancerUse] = []
    for item in given:
        if item.get("loadBalancerName"):
            raise _invalid("loadBalancerName: Classic Load Balancers are not supported: use targetGroupArn.")
        refuse(item, {"advancedConfiguration": "blue/green deployments are not supported."})
        arn, container = item.get("targetGroupArn"), item.get("containerName")
        port: int = item.get("containerPort") or 0
        group = tx.get(TARGET_GROUPS, arn or "")
        if group is None or arn is None:
            raise _invalid(f"The specified target group does not exist. (targetGroupArn {arn})")
        if not _is_attached(tx, arn):
            raise _invalid(
                f"The target group with targetGroupArn {arn} does not have an associated load balancer."
            )
        if group.target_type != "instance":
            raise _invalid(
                f"The provided target group {arn} has target type {group.target_type}, which is incompatible "
                f"with the {definition.network_mode} network mode specified in the task definition."
            )
        named = next((c for c in definition.containers if c.name == container), None)
        if named is None:
            raise _invalid(f"The container {container} does not exist in the task definition.")
        if not any(mapping.container_port == port for mapping in named.port_mappings):
            raise _invalid(f"The container {container} did not have a container port {port} defined.")
        if any(use.target_group_arn == arn for use in uses):
            raise _invalid(f"Duplicate targetGroupArn found: {arn}")
        uses.append(LoadBalancerUse(target_group_arn=arn, container_name=named.name, container_port=port))
    return tuple(uses)


def _is_attached(tx: Transaction, arn: str) -> bool:
    actions: list[Action] = [a for listener in tx.all(LISTENERS) for a in listener.default_actions]
    actions += [a for rule in tx.all(RULES) for a in rule.actions]
    return any(
        group.target_group_arn == arn
        for action in actions
        if action.forward is not None
        for group in action.forward.target_groups
    )


def constraints(given: Sequence[Mapping[str, Any]]) -> tuple[PlacementConstraint, ...]:
    for item in given:
        if item.get("type") != "distinctInstance":
            raise _invalid(
                f"placementConstraints: {item.get('type')} is not supported, only distinctInstance."
            )
    return tuple(PlacementConstraint(type=item["type"]) for item in given)


def strategy(given: Sequence[Mapping[str, Any]]) -> tuple[PlacementStrategy, ...]:
    fields = {
        "spread": ("attribute:ecs.availability-zone", "instanceId", "host"),
        "binpack": ("cpu", "memory"),
        "random": (None, ""),
    }
    for item in given:
        kind, field = item.get("type"), item.get("field")
        if kind not in fields:
            raise _invalid(f"placementStrategy: {kind} is not one of [random, spread, binpack].")
        if (field.lower() if kind == "binpack" and field else field) not in fields[kind]:
            raise _invalid(f"placementStrategy: {kind} over {field} is not supported.")
    return tuple(PlacementStrategy(type=item["type"], field=item.get("field") or None) for item in given)
