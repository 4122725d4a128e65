"""Listeners and their default rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.elbv2 import actions, attributes, faults, finding
from tidegate.control.store import Transaction
from tidegate.control.store.tables import LISTENERS
from tidegate.domain.arns import arn_name
from tidegate.domain.elbv2 import Listener
from tidegate.wire import Call, Fault, Operation

_REFUSED = ("Certificates", "SslPolicy", "AlpnPolicy", "MutualAuthentication")


async def create_listener(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Create a listener; the same again returns it as it is."""
    parameters = call.parameters
    tags = finding.tag_map(parameters.get("Tags"))

    def create(tx: Transaction) -> Listener:
        balancer = finding.load_balancer(tx, parameters["LoadBalancerArn"])
        if parameters.get("Port") is None:
            raise faults.invalid("A listener port must be specified")
        if parameters.get("Protocol") is None:
            raise faults.invalid("A listener protocol must be specified")
        _check_protocol(parameters)
        parsed = actions.parse(tx, parameters["DefaultActions"])
        for known in tx.by(LISTENERS, "load_balancer", balancer.arn):
            if known.port == parameters["Port"]:
                if known.default_actions == parsed:
                    return known
                raise _duplicate(balancer.arn)
        row = Listener(
            arn=context.arns.listener(balancer.name, arn_name(balancer.arn), context.ids.hex(16)),
            load_balancer_arn=balancer.arn,
            port=parameters["Port"],
            protocol=parameters["Protocol"],
            default_actions=parsed,
            created_at=context.clock.now(),
            tags=tags,
        )
        tx.put(LISTENERS, row)
        return row

    return {"Listeners": [view(await context.store.transact(create))]}


def _check_protocol(parameters: Mapping[str, Any]) -> None:
    protocol = parameters.get("Protocol") or "HTTP"
    if protocol == "HTTPS":
        raise faults.unsupported("A listener with protocol HTTPS")
    if protocol != "HTTP":
        raise faults.invalid(f"Listener protocol '{protocol}' must be one of 'HTTP, HTTPS'")
    if parameters.get("Certificates"):
        raise faults.invalid("A certificate cannot be specified for HTTP listeners")
    if parameters.get("SslPolicy"):
        raise faults.invalid("An SSL policy cannot be specifed for HTTP listeners")
    for member in _REFUSED[2:]:
        if parameters.get(member):
            raise faults.unsupported(member)


def _duplicate(balancer_arn: str) -> Fault:
    return Fault(
        "DuplicateListener",
        f"A listener already exists on this port for this load balancer '{balancer_arn}'",
    )


async def modify_listener(context: ApiContext, call: Call) -> Mapping[str, Any]:
    parameters = call.parameters
    _check_protocol(parameters)

    def change(tx: Transaction) -> Listener:
        row = finding.listener(tx, parameters["ListenerArn"])
        port = parameters.get("Port") or row.port
        others = [o for o in tx.by(LISTENERS, "load_balancer", row.load_balancer_arn) if o.arn != row.arn]
        if any(other.port == port for other in others):
            raise _duplicate(row.load_balancer_arn)
        given = parameters.get("DefaultActions")
        row = replace(
            row, port=port, default_actions=actions.parse(tx, given) if given else row.default_actions
        )
        tx.put(LISTENERS, row)
        return row

    return {"Listeners": [view(await context.store.transact(change))]}


async def describe_listeners(context: ApiContext, call: Call) -> Mapping[str, Any]:
    parameters, snapshot = call.parameters, context.store.snapshot
    arns, balancer = parameters.get("ListenerArns"), parameters.get("LoadBalancerArn")
    if arns:
        rows = [finding.listener(snapshot, arn) for arn in arns]
    elif balancer:
        finding.load_balancer(snapshot, balancer)
        rows = list(snapshot.by(LISTENERS, "load_balancer", balancer))
    else:
        raise faults.invalid("You must specify either listener ARNs or a load balancer ARN")
    found, marker = finding.page(rows, parameters, lambda row: row.arn)
    return {"Listeners": [view(row) for row in found], "NextMarker": marker}


async def delete_listener(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def delete(tx: Transaction) -> None:
        tx.delete(LISTENERS, finding.listener(tx, call.parameters["ListenerArn"]).arn)

    await context.store.transact(delete)
    return {}


async def describe_rules(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """The default rule of a listener; others cannot be created yet."""
    parameters, snapshot = call.parameters, context.store.snapshot
    arns = parameters.get("RuleArns") or []
    listener_arns = [parameters["ListenerArn"]] if parameters.get("ListenerArn") else []
    if bool(arns) == bool(listener_arns):
        raise faults.invalid("You must specify either listener rule ARNs or a listener ARN")
    rules = []
    for arn in listener_arns or [_listener_of(rule) for rule in arns]:
        row = snapshot.get(LISTENERS, arn)
        if row is None:
            if arns:
                raise Fault("RuleNotFound", "One or more rules not found")
            raise faults.listener_not_found()
        rules.append(
            {
                "RuleArn": _default_rule_arn(row),
                "Priority": "default",
                "Conditions": [],
                "Actions": [actions.view(action) for action in row.default_actions],
                "IsDefault": True,
            }
        )
    return {"Rules": rules}


def _default_rule_arn(row: Listener) -> str:
    return row.arn.replace(":listener/", ":listener-rule/") + "/" + arn_name(row.arn)


def _listener_of(rule_arn: str) -> str:
    return rule_arn.replace(":listener-rule/", ":listener/").rsplit("/", 1)[0]


async def describe_attributes(context: ApiContext, call: Call) -> Mapping[str, Any]:
    row = finding.listener(context.store.snapshot, call.parameters["ListenerArn"])
    return {"Attributes": attributes.described(attributes.LISTENER, row.attributes)}


async def modify_attributes(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def change(tx: Transaction) -> Listener:
        row = finding.listener(tx, call.parameters["ListenerArn"])
        given = call.parameters["Attributes"]
        row = replace(
            row, attributes=attributes.changed(attributes.LISTENER, row.attributes, given, "Listener")
        )
        tx.put(LISTENERS, row)
        return row

    row = await context.store.transact(change)
    return {"Attributes": attributes.described(attributes.LISTENER, row.attributes)}


def view(row: Listener) -> dict[str, Any]:
    return {
        "ListenerArn": row.arn,
        "LoadBalancerArn": row.load_balancer_arn,
        "Port": row.port,
        "Protocol": row.protocol,
        "DefaultActions": [actions.view(action) for action in row.default_actions],
    }


OPERATIONS: Mapping[str, Operation] = {
    "CreateListener": Operation(create_listener, "HTTP; forward, redirect and fixed-response"),
    "ModifyListener": Operation(modify_listener, "as CreateListener"),
    "DescribeListeners": Operation(describe_listeners),
    "DeleteListener": Operation(delete_listener),
    "DescribeRules": Operation(describe_rules, "default rules"),
    "DescribeListenerAttributes": Operation(describe_attributes),
    "ModifyListenerAttributes": Operation(modify_attributes, "values that change nothing"),
}
