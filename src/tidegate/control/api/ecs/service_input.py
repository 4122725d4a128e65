"""Members of CreateService and UpdateService, checked and turned into the domain's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tidegate.control.api.ecs.faults import invalid, refuse_others
from tidegate.control.api.ecs.placement_input import check_launch
from tidegate.control.api.elbv2.finding import users_of
from tidegate.control.store import Transaction
from tidegate.control.store.tables import TARGET_GROUPS
from tidegate.domain.ecs import (
    CircuitBreaker,
    DeploymentConfiguration,
    LoadBalancerUse,
    TaskDefinition,
)
from tidegate.domain.elbv2 import TargetGroup

_INTEGER_MAX = 2**31 - 1
_LOAD_BALANCERS_MAX = 5
_OF_DEPLOYMENTS = {
    "deploymentCircuitBreaker",
    "maximumPercent",
    "minimumHealthyPercent",
    "alarms",
    "strategy",
}
_OF_LOAD_BALANCER = {"targetGroupArn", "loadBalancerName", "containerName", "containerPort"}
_WHY = {
    "advancedConfiguration": "blue/green deployments are not supported.",
    "bakeTimeInMinutes": "blue/green deployments are not supported.",
    "lifecycleHooks": "lifecycle hooks are not supported.",
}


def check_kind(parameters: Mapping[str, Any]) -> None:
    """Refuse by name what a service of Tidegate is not."""
    check_launch(parameters)
    scheduling = parameters.get("schedulingStrategy")
    if scheduling not in (None, "", "REPLICA", "DAEMON"):
        raise invalid("scheduling strategy should be one of [REPLICA,DAEMON]")
    if scheduling == "DAEMON":
        raise invalid("schedulingStrategy: DAEMON is not supported, only REPLICA.")
    controller = (parameters.get("deploymentController") or {}).get("type") or "ECS"
    if controller != "ECS":
        raise invalid(f"deploymentController: {controller} is not supported, only ECS.")
    rebalancing = parameters.get("availabilityZoneRebalancing")
    if rebalancing not in (None, "", "DISABLED"):
        raise invalid(f"availabilityZoneRebalancing: {rebalancing} is not supported, only DISABLED.")
    if parameters.get("enableExecuteCommand"):
        raise invalid("enableExecuteCommand: ECS Exec is not supported.")
    if parameters.get("propagateTags") not in (None, "", "NONE", "SERVICE", "TASK_DEFINITION"):
        raise invalid("propagateTags should be one of [TASK_DEFINITION,SERVICE,NONE]")
    for member in ("desiredCount", "healthCheckGracePeriodSeconds"):
        if not 0 <= (parameters.get(member) or 0) <= _INTEGER_MAX:
            raise invalid(f"{member} must be between 0 and {_INTEGER_MAX}.")


def deployment_configuration(
    given: Mapping[str, Any] | None, present: DeploymentConfiguration
) -> DeploymentConfiguration:
    """The present configuration with what is given."""
    if not given:
        return present
    refuse_others(given, _OF_DEPLOYMENTS, _WHY)
    if given.get("strategy") not in (None, "", "ROLLING"):
        raise invalid(
            f"deploymentConfiguration: strategy {given['strategy']} is not supported, only ROLLING."
        )
    alarms = given.get("alarms") or {}
    if alarms.get("enable") or alarms.get("rollback") or alarms.get("alarmNames"):
        raise invalid("deploymentConfiguration: alarms are not supported.")
    maximum = given.get("maximumPercent", present.maximum_percent)
    minimum = given.get("minimumHealthyPercent", present.minimum_healthy_percent)
    if minimum > 100:
        raise invalid("minimumHealthyPercent must be at most 100")
    if minimum < 0:
        raise invalid("minimumHealthyPercent must be at least 0")
    if maximum < 100:
        raise invalid("maximumPercent must be at least 100")
    if maximum == minimum == 100:
        raise invalid(
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
    tx: Transaction, given: Sequence[Mapping[str, Any]] | None, definition: TaskDefinition
) -> tuple[LoadBalancerUse, ...]:
    """The uses of target groups that a service asks for."""
    items = given or ()
    if len(items) > _LOAD_BALANCERS_MAX:
        raise invalid(f"load balancers can have at most {_LOAD_BALANCERS_MAX} items.")
    for item in items:
        refuse_others(item, _OF_LOAD_BALANCER, _WHY)
        if item.get("loadBalancerName") and item.get("targetGroupArn"):
            raise invalid("loadBalancerName and targetGroupArn cannot both be specified")
    names = [item.get("loadBalancerName") for item in items]
    if any(names):
        if not all(names):
            raise invalid(
                "All loadBalancers must be strictly either ELBv1 (defining loadBalancerName) or ELBv2 "
                "(defining targetGroupArn)"
            )
        raise invalid("loadBalancerName: Classic Load Balancers are not supported, only target groups.")
    uses = tuple(_use(item) for item in items)
    arns = [use.target_group_arn for use in uses]
    twice = next((arn for arn in arns if arns.count(arn) > 1), None)
    if twice is not None:
        raise invalid(f"Duplicate targetGroupArn found: {twice}")
    for use in uses:
        _check_group(tx, use.target_group_arn, definition)
    check_ports(uses, definition)
    return uses


def check_ports(uses: Sequence[LoadBalancerUse], definition: TaskDefinition) -> None:
    """Every container and port that a load balancer is to reach must be in the definition."""
    for use in uses:
        named = next((c for c in definition.containers if c.name == use.container_name), None)
        if named is None:
            raise invalid(f"The container {use.container_name} does not exist in the task definition.")
        if all(mapping.container_port != use.container_port for mapping in named.port_mappings):
            raise invalid(
                f"The container {use.container_name} did not have a container port {use.container_port} "
                "defined."
            )


def _use(item: Mapping[str, Any]) -> LoadBalancerUse:
    for member in ("targetGroupArn", "containerName", "containerPort"):
        if not item.get(member):
            raise invalid(f"{member} can not be blank.")
    return LoadBalancerUse(
        target_group_arn=item["targetGroupArn"],
        container_name=item["containerName"],
        container_port=item["containerPort"],
    )


def _check_group(tx: Transaction, arn: str, definition: TaskDefinition) -> None:
    group: TargetGroup | None = tx.get(TARGET_GROUPS, arn)
    if group is None:
        raise invalid(f"The specified target group does not exist. (targetGroupArn {arn})")
    if not users_of(tx, arn):
        raise invalid(
            f"The target group with targetGroupArn {arn} does not have an associated load balancer."
        )
    if group.target_type != "instance":
        raise invalid(
            f"The provided target group {arn} has target type {group.target_type}, which is incompatible "
            f"with the {definition.network_mode} network mode specified in the task definition."
        )
