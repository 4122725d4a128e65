"""Services: create, update, delete, describe, list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ecs.lookup import (
    find_cluster,
    find_service,
    listed,
    missing,
    refuse,
    service_arn,
    tag_map,
    usable_definition,
)
from tidegate.control.api.ecs.service_input import (
    REFUSED,
    constraints,
    deployment_configuration,
    load_balancers,
    strategy,
)
from tidegate.control.api.ecs.service_view import view
from tidegate.control.store import Transaction
from tidegate.control.store.tables import SERVICE_EVENTS, SERVICES
from tidegate.domain.ecs import (
    Cluster,
    Deployment,
    DeploymentConfiguration,
    LoadBalancerUse,
    Service,
    TaskDefinition,
)
from tidegate.wire import Call, Fault, Operation

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,255}")


def _invalid(message: str) -> Fault:
    return Fault("InvalidParameterException", message)


async def create_service(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Create a REPLICA service. The same client token gives the same service again."""
    parameters = call.parameters
    refuse(parameters, REFUSED)
    _check_kind(parameters)
    name = parameters["serviceName"]
    if not _NAME.fullmatch(name):
        raise _invalid("Identifier is not valid: " + name)
    if parameters.get("desiredCount") is None:
        raise _invalid("Desired count must be specified.")
    tags = tag_map(parameters.get("tags"))

    def create(tx: Transaction) -> Service:
        cluster = find_cluster(context, tx, parameters.get("cluster"))
        known = tx.get(SERVICES, context.arns.service(cluster.name, name))
        if known is not None and known.status != "INACTIVE":
            token = parameters.get("clientToken")
            if token and known.client_token == token:
                return known
            if known.status == "DRAINING":
                raise _invalid("Unable to Start a service that is still Draining.")
            raise _invalid("Creation of service was not idempotent.")
        if not parameters.get("taskDefinition"):
            raise _invalid("TaskDefinition can not be blank.")
        definition = usable_definition(context, tx, parameters["taskDefinition"])
        service = _new_service(context, tx, cluster, definition, parameters, tags)
        if known is not None:
            for event in list(tx.by(SERVICE_EVENTS, "service", known.arn)):
                tx.delete(SERVICE_EVENTS, event.id)
        tx.put(SERVICES, service)
        return service

    row = await context.store.transact(create)
    return {"service": view(context.store.snapshot, row)}


def _check_kind(parameters: Mapping[str, Any]) -> None:
    """Refuse by name what a service of Tidegate is not."""
    if parameters.get("launchType") not in (None, "", "EC2"):
        raise _invalid(f"launchType: {parameters['launchType']} is not supported, only EC2.")
    if parameters.get("schedulingStrategy") not in (None, "", "REPLICA"):
        raise _invalid(
            f"schedulingStrategy: {parameters['schedulingStrategy']} is not supported, only REPLICA."
        )
    controller = (parameters.get("deploymentController") or {}).get("type") or "ECS"
    if controller != "ECS":
        raise _invalid(f"deploymentController: {controller} is not supported, only ECS.")
    if parameters.get("availabilityZoneRebalancing") == "ENABLED":
        raise _invalid("availabilityZoneRebalancing: ENABLED is not supported.")
    if parameters.get("enableExecuteCommand"):
        raise _invalid("enableExecuteCommand: ECS Exec is not supported.")
    if (parameters.get("desiredCount") or 0) < 0:
        raise _invalid("Desired count must be 0 or more.")


def _new_service(
    context: ApiContext,
    tx: Transaction,
    cluster: Cluster,
    definition: TaskDefinition,
    parameters: Mapping[str, Any],
    tags: Mapping[str, str],
) -> Service:
    now = context.clock.now()
    uses = load_balancers(tx, parameters.get("loadBalancers") or (), definition)
    grace = parameters.get("healthCheckGracePeriodSeconds")
    if parameters.get("role") and not uses:
        raise _invalid("IAM roles are only valid for services configured to use load balancers")
    role = parameters.get("role") or None
    service_role = "aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
    if uses and role is None:
        role = context.arns.iam("role/" + service_role.rsplit("/", 1)[0], service_role.rsplit("/", 1)[1])
    return Service(
        arn=context.arns.service(cluster.name, parameters["serviceName"]),
        name=parameters["serviceName"],
        cluster_arn=cluster.arn,
        desired_count=parameters["desiredCount"],
        task_definition_arn=definition.arn,
        load_balancers=uses,
        deployment_configuration=deployment_configuration(
            parameters.get("deploymentConfiguration"), DeploymentConfiguration()
        ),
        deployments=(_deployment(context, definition.arn, uses),),
        health_check_grace_period_seconds=grace if grace is not None else 0 if uses else None,
        placement_constraints=constraints(parameters.get("placementConstraints") or ()),
        placement_strategy=strategy(parameters.get("placementStrategy") or ()),
        role_arn=role,
        propagate_tags=parameters.get("propagateTags") or "NONE",
        enable_ecs_managed_tags=bool(parameters.get("enableECSManagedTags")),
        created_at=now,
        created_by=f"arn:aws:iam::{context.settings.account}:root",
        client_token=parameters.get("clientToken"),
        tags=tags,
    )


def _deployment(
    context: ApiContext, task_definition_arn: str, uses: tuple[LoadBalancerUse, ...]
) -> Deployment:
    now, number = context.clock.now(), context.ids.digits(19)
    return Deployment(
        id=f"ecs-svc/{number}",
        task_definition_arn=task_definition_arn,
        load_balancers=uses,
        created_at=now,
        updated_at=now,
        rollout_state_reason=f"ECS deployment ecs-svc/{number} in progress.",
    )


async def update_service(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Change what is given; a new task definition, new load balancers or forceNewDeployment begin a new
    deployment."""
    parameters = call.parameters
    refuse(parameters, REFUSED)
    _check_kind(parameters)

    def update(tx: Transaction) -> Service:
        cluster = find_cluster(context, tx, parameters.get("cluster"))
        service = find_service(context, tx, cluster, parameters["service"])
        if service.status != "ACTIVE":
            raise Fault("ServiceNotActiveException", "Service was not ACTIVE.")
        service = _changed(context, tx, service, parameters)
        if parameters.get("desiredCount") is not None:
            service = with_desired_count(service, parameters["desiredCount"])
        tx.put(SERVICES, service)
        return service

    row = await context.store.transact(update)
    return {"service": view(context.store.snapshot, row)}


def with_desired_count(service: Service, desired_count: int) -> Service:
    """The service scaled: the one way in which a desired count changes, by the API or by a policy."""
    if desired_count == service.desired_count:
        return service
    return replace(service, desired_count=desired_count, steady_at=None)


def _changed(
    context: ApiContext, tx: Transaction, service: Service, parameters: Mapping[str, Any]
) -> Service:
    definition_arn, uses = service.task_definition_arn, service.load_balancers
    definition: TaskDefinition | None = None
    if parameters.get("taskDefinition"):
        definition = usable_definition(context, tx, parameters["taskDefinition"])
        definition_arn = definition.arn
    if parameters.get("loadBalancers") is not None:
        definition = definition or usable_definition(context, tx, definition_arn)
        uses = load_balancers(tx, parameters["loadBalancers"], definition)
    grace = parameters.get("healthCheckGracePeriodSeconds")
    changed = replace(
        service,
        deployment_configuration=deployment_configuration(
            parameters.get("deploymentConfiguration"), service.deployment_configuration
        ),
        health_check_grace_period_seconds=(
            service.health_check_grace_period_seconds if grace is None else grace
        ),
        placement_constraints=(
            service.placement_constraints
            if parameters.get("placementConstraints") is None
            else constraints(parameters["placementConstraints"])
        ),
        placement_strategy=(
            service.placement_strategy
            if parameters.get("placementStrategy") is None
            else strategy(parameters["placementStrategy"])
        ),
        propagate_tags=parameters.get("propagateTags") or service.propagate_tags,
        enable_ecs_managed_tags=(
            service.enable_ecs_managed_tags
            if parameters.get("enableECSManagedTags") is None
            else parameters["enableECSManagedTags"]
        ),
    )
    is_new = definition_arn != service.task_definition_arn or uses != service.load_balancers
    if not is_new and not parameters.get("forceNewDeployment"):
        return changed
    deployment = _deployment(context, definition_arn, uses)
    former = tuple(replace(d, status="ACTIVE") for d in service.deployments)
    return replace(
        changed,
        task_definition_arn=definition_arn,
        load_balancers=uses,
        deployments=(deployment, *former),
        steady_at=None,
    )


async def delete_service(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Stop a service's tasks, targets drained first; it is described as INACTIVE for an hour after."""
    parameters = call.parameters

    def delete(tx: Transaction) -> Service:
        cluster = find_cluster(context, tx, parameters.get("cluster"))
        service = find_service(context, tx, cluster, parameters["service"])
        if service.desired_count > 0 and not parameters.get("force"):
            raise _invalid("The service cannot be stopped while it is scaled above 0.")
        if service.status == "ACTIVE":
            service = replace(service, status="DRAINING", desired_count=0, steady_at=None)
            tx.put(SERVICES, service)
        return service

    row = await context.store.transact(delete)
    return {"service": view(context.store.snapshot, row)}


async def describe_services(context: ApiContext, call: Call) -> Mapping[str, Any]:
    snapshot = context.store.snapshot
    cluster = find_cluster(context, snapshot, call.parameters.get("cluster"))
    with_tags = "TAGS" in (call.parameters.get("include") or ())
    described, failures = [], []
    named = call.parameters["services"]
    if len(named) > 10:
        raise _invalid("Services cannot have more than 10 elements.")
    for name in named:
        arn = service_arn(context, cluster, name)
        row = snapshot.get(SERVICES, arn)
        if row is None or row.cluster_arn != cluster.arn:
            failures.append(missing(arn))
        else:
            described.append(view(snapshot, row, with_tags=with_tags))
    return {"services": described, "failures": failures}


async def list_services(context: ApiContext, call: Call) -> Mapping[str, Any]:
    parameters = call.parameters
    snapshot = context.store.snapshot
    cluster = find_cluster(context, snapshot, parameters.get("cluster"))
    is_none = parameters.get("launchType") not in (None, "", "EC2") or parameters.get(
        "schedulingStrategy"
    ) not in (None, "", "REPLICA")
    rows = () if is_none else snapshot.by(SERVICES, "cluster", cluster.arn)
    arns = sorted(row.arn for row in rows if row.status != "INACTIVE")
    found, token = listed(arns, parameters, default=10)
    return {"serviceArns": list(found), "nextToken": token}


OPERATIONS: Mapping[str, Operation] = {
    "CreateService": Operation(create_service, "REPLICA on EC2, rolling deployments"),
    "UpdateService": Operation(update_service, "as CreateService"),
    "DeleteService": Operation(delete_service),
    "DescribeServices": Operation(describe_services),
    "ListServices": Operation(list_services),
}
