"""Services: create, update, delete, describe, list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ecs.faults import invalid
from tidegate.control.api.ecs.listing import check_count, page_of
from tidegate.control.api.ecs.lookup import (
    described_cluster,
    find_cluster,
    find_service,
    missing,
    service_arn,
    usable_definition,
)
from tidegate.control.api.ecs.placement_input import constraints, strategy
from tidegate.control.api.ecs.service_input import (
    check_kind,
    check_ports,
    deployment_configuration,
    load_balancers,
)
from tidegate.control.api.ecs.service_view import service_view
from tidegate.control.api.ecs.tag_input import tag_map
from tidegate.control.api.ecs.task_input import fingerprint
from tidegate.control.api.honoured import honours
from tidegate.control.decisions.desired_count import with_desired_count
from tidegate.control.decisions.services.deployments import succeeded_by
from tidegate.control.service_history import forget_history, record_deployment
from tidegate.control.store import Transaction
from tidegate.control.store.tables import SERVICE_EVENTS, SERVICES, TASK_DEFINITIONS
from tidegate.domain.ecs import Deployment, DeploymentConfiguration, LoadBalancerUse, Service, TaskDefinition
from tidegate.wire import Call, Fault, Operation

_NAME = re.compile(r"[a-zA-Z0-9\-_]{1,255}")
_TOKEN = re.compile(r"[!-~]{1,36}")
_COMMON = (
    "cluster",
    "taskDefinition",
    "desiredCount",
    "availabilityZoneRebalancing",
    "capacityProviderStrategy",
    "deploymentConfiguration",
    "deploymentController",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "healthCheckGracePeriodSeconds",
    "loadBalancers",
    "networkConfiguration",
    "placementConstraints",
    "placementStrategy",
    "platformVersion",
    "propagateTags",
)
# What a repeated CreateService must say again.
_SAID_AT_CREATION = (
    "desired_count",
    "task_definition_arn",
    "load_balancers",
    "deployment_configuration",
    "health_check_grace_period_seconds",
    "placement_constraints",
    "placement_strategy",
    "role_arn",
    "propagate_tags",
    "enable_ecs_managed_tags",
    "tags",
)


@honours(*_COMMON, "serviceName", "clientToken", "launchType", "role", "schedulingStrategy", "tags")
async def create_service(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Create a REPLICA service. Saying the same again gives the same service."""
    parameters = call.parameters
    name = parameters["serviceName"]
    if not _NAME.fullmatch(name):
        raise invalid(rf"ServiceName must match ^[a-zA-Z0-9\-_]{{1,255}}$, but was {name}")
    if parameters.get("clientToken") and not _TOKEN.fullmatch(parameters["clientToken"]):
        raise invalid("clientToken must have 1 to 36 printable ASCII characters.")
    check_kind(parameters)
    if not parameters.get("taskDefinition"):
        raise invalid("TaskDefinition can not be blank.")
    if parameters.get("desiredCount") is None:
        raise invalid("Desired count must be specified.")

    def create(tx: Transaction) -> Service:
        cluster = find_cluster(context, tx, parameters.get("cluster"))
        known = tx.get(SERVICES, context.arns.service(cluster.name, name))
        if known is not None and known.status == "DRAINING":
            raise invalid("Unable to Start a service that is still Draining.")
        if known is not None and known.status == "ACTIVE" and _is_retry(known, parameters):
            return known
        wanted = _new_service(context, tx, context.arns.service(cluster.name, name), cluster.arn, parameters)
        if known is not None and known.status == "ACTIVE":
            if all(getattr(known, field) == getattr(wanted, field) for field in _SAID_AT_CREATION):
                return known
            raise invalid("Creation of service was not idempotent.")
        if known is not None:
            for event in list(tx.by(SERVICE_EVENTS, "service", known.arn)):
                tx.delete(SERVICE_EVENTS, event.id)
            forget_history(tx, known.arn)
        tx.put(SERVICES, wanted)
        record_deployment(tx, wanted, context.ids, context.clock.now())
        return wanted

    row = await context.store.transact(create)
    return {"service": service_view(context.store.snapshot, row, with_tags=True)}


def _is_retry(known: Service, parameters: Mapping[str, Any]) -> bool:
    """Whether this is the very request that made the service: whatever has become of it since."""
    token = parameters.get("clientToken")
    same_token = token is not None and token == known.client_token
    return same_token and known.request_fingerprint == fingerprint(parameters)


def _new_service(
    context: ApiContext, tx: Transaction, arn: str, cluster_arn: str, parameters: Mapping[str, Any]
) -> Service:
    definition = usable_definition(context, tx, parameters["taskDefinition"])
    uses = load_balancers(tx, parameters.get("loadBalancers"), definition)
    return Service(
        arn=arn,
        name=parameters["serviceName"],
        cluster_arn=cluster_arn,
        desired_count=parameters["desiredCount"],
        task_definition_arn=definition.arn,
        load_balancers=uses,
        deployment_configuration=deployment_configuration(
            parameters.get("deploymentConfiguration"), DeploymentConfiguration()
        ),
        deployments=(_new_deployment(context, definition.arn, uses),),
        health_check_grace_period_seconds=parameters.get(
            "healthCheckGracePeriodSeconds", 0 if uses else None
        ),
        placement_constraints=constraints(parameters.get("placementConstraints")),
        placement_strategy=strategy(parameters.get("placementStrategy")),
        role_arn=_role(context, parameters.get("role"), len(uses)),
        propagate_tags=parameters.get("propagateTags") or "NONE",
        enable_ecs_managed_tags=parameters.get("enableECSManagedTags", False),
        created_at=context.clock.now(),
        created_by=context.arns.iam("root", "", path=""),
        client_token=parameters.get("clientToken"),
        request_fingerprint=fingerprint(parameters),
        tags=tag_map(parameters.get("tags")),
    )


def _role(context: ApiContext, role: str | None, target_groups: int) -> str | None:
    """The role with which targets are registered: the service-linked one where none is named."""
    if role is None:
        path = "/aws-service-role/ecs.amazonaws.com/"
        return context.arns.iam("role", "AWSServiceRoleForECS", path) if target_groups else None
    if not target_groups:
        raise invalid("IAM roles are only valid for services configured to use load balancers")
    if target_groups > 1:
        raise invalid("You cannot specify an IAM role for services that require a service linked role")
    return role if role.startswith("arn:") else context.arns.iam("role", role)


def _new_deployment(
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


@honours(*_COMMON, "service", "forceNewDeployment")
async def update_service(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Change what is given. Another task definition, other load balancers or forceNewDeployment begin a
    new deployment; nothing else does."""
    parameters = call.parameters
    check_kind(parameters)

    def update(tx: Transaction) -> Service:
        cluster = find_cluster(context, tx, parameters.get("cluster"))
        service = find_service(context, tx, cluster, parameters["service"])
        if service.status != "ACTIVE":
            raise Fault("ServiceNotActiveException", "Service was not ACTIVE.")
        service = _deployed(context, tx, service, parameters)
        service = _configured(service, parameters)
        if parameters.get("desiredCount") is not None:
            service = with_desired_count(service, parameters["desiredCount"])
        tx.put(SERVICES, service)
        record_deployment(tx, service, context.ids, context.clock.now())
        return service

    row = await context.store.transact(update)
    return {"service": service_view(context.store.snapshot, row)}


def _deployed(
    context: ApiContext, tx: Transaction, service: Service, parameters: Mapping[str, Any]
) -> Service:
    """The service with a new deployment where the request begins one."""
    definition = _definition(context, tx, service, parameters.get("taskDefinition"))
    uses = service.load_balancers
    if parameters.get("loadBalancers") is not None:
        uses = load_balancers(tx, parameters["loadBalancers"], definition)
    else:
        check_ports(uses, definition)
    is_same = definition.arn == service.task_definition_arn and uses == service.load_balancers
    if is_same and not parameters.get("forceNewDeployment"):
        return service
    return succeeded_by(service, _new_deployment(context, definition.arn, uses))


def _definition(context: ApiContext, tx: Transaction, service: Service, named: str | None) -> TaskDefinition:
    """The definition that is named; the present one, even where it is no longer ACTIVE."""
    present = tx.get(TASK_DEFINITIONS, service.task_definition_arn) if named is None else None
    return present or usable_definition(context, tx, named or service.task_definition_arn)


def _configured(service: Service, parameters: Mapping[str, Any]) -> Service:
    """The service with what is given of that which takes effect without a deployment."""
    changes: dict[str, Any] = {
        "deployment_configuration": deployment_configuration(
            parameters.get("deploymentConfiguration"), service.deployment_configuration
        )
    }
    if service.load_balancers and service.health_check_grace_period_seconds is None:
        changes["health_check_grace_period_seconds"] = 0
    if parameters.get("healthCheckGracePeriodSeconds") is not None:
        changes["health_check_grace_period_seconds"] = parameters["healthCheckGracePeriodSeconds"]
    if parameters.get("placementConstraints") is not None:
        changes["placement_constraints"] = constraints(parameters["placementConstraints"])
    if parameters.get("placementStrategy") is not None:
        changes["placement_strategy"] = strategy(parameters["placementStrategy"])
    if parameters.get("propagateTags"):
        changes["propagate_tags"] = parameters["propagateTags"]
    if parameters.get("enableECSManagedTags") is not None:
        changes["enable_ecs_managed_tags"] = parameters["enableECSManagedTags"]
    return replace(service, **changes)


@honours("cluster", "service", "force")
async def delete_service(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Stop a service's tasks, targets drained first; it is described as INACTIVE for an hour after."""
    parameters = call.parameters

    def delete(tx: Transaction) -> Service:
        cluster = find_cluster(context, tx, parameters.get("cluster"))
        service = find_service(context, tx, cluster, parameters["service"])
        if service.status == "INACTIVE":
            raise Fault("ServiceNotFoundException", "Service not found.")
        if service.desired_count > 0 and not parameters.get("force"):
            raise invalid("The service cannot be stopped while the primary deployment is scaled above 0.")
        if service.status == "ACTIVE":
            service = replace(with_desired_count(service, 0), status="DRAINING", steady_at=None)
            tx.put(SERVICES, service)
        return service

    row = await context.store.transact(delete)
    return {"service": service_view(context.store.snapshot, row)}


@honours("cluster", "services", "include")
async def describe_services(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Services of any status, deleted ones for an hour."""
    parameters, snapshot = call.parameters, context.store.snapshot
    cluster = described_cluster(context, snapshot, parameters.get("cluster"))
    check_count("Services", parameters["services"], 10)
    with_tags = "TAGS" in (parameters.get("include") or ())
    arns = dict.fromkeys(service_arn(context, cluster, name) for name in parameters["services"])
    rows = {arn: snapshot.get(SERVICES, arn) for arn in arns}
    return {
        "services": [
            service_view(snapshot, row, with_tags=with_tags) for row in rows.values() if row is not None
        ],
        "failures": [missing(arn) for arn, row in rows.items() if row is None],
    }


@honours("cluster", "launchType", "schedulingStrategy", "nextToken", "maxResults")
async def list_services(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """ARNs of the ACTIVE services."""
    parameters, snapshot = call.parameters, context.store.snapshot
    cluster = find_cluster(context, snapshot, parameters.get("cluster"))
    rows = [
        row
        for row in snapshot.by(SERVICES, "cluster", cluster.arn)
        if row.status == "ACTIVE"
        and row.launch_type == parameters.get("launchType", row.launch_type)
        and row.scheduling_strategy == parameters.get("schedulingStrategy", row.scheduling_strategy)
    ]
    page = page_of((row.arn for row in rows), parameters, size=10)
    return {"serviceArns": list(page.rows), "nextToken": page.next_token}


_MISSING = (
    "no DAEMON, capacity providers, awsvpc, service discovery, Service Connect, zone rebalancing, ECS Exec, "
    "alarms, deployment strategies other than ROLLING, controllers other than ECS, memberOf constraints"
)
OPERATIONS: Mapping[str, Operation] = {
    "CreateService": Operation(create_service, _MISSING),
    "UpdateService": Operation(update_service, _MISSING),
    "DeleteService": Operation(delete_service),
    "DescribeServices": Operation(describe_services),
    "ListServices": Operation(list_services),
}
