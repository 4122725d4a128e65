"""Listeners and their default rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.elbv2 import actions, attributes, faults, finding, quotas
from tidegate.control.api.elbv2.place import Place
from tidegate.control.api.honoured import honours
from tidegate.control.store import Transaction
from tidegate.control.store.tables import LISTENERS, RULES
from tidegate.domain.arns import arn_name
from tidegate.domain.elbv2 import Listener
from tidegate.wire import Call, Fault, Operation

_TLS_MEMBERS = ("Certificates", "SslPolicy", "MutualAuthentication", "AlpnPolicy")
_MEMBERS = ("Port", "Protocol", "DefaultActions", *_TLS_MEMBERS)


@honours("LoadBalancerArn", "Tags", *_MEMBERS)
async def create_listener(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Create a listener; the same again returns it as it is."""
    parameters = call.parameters
    tags = finding.tag_map(parameters.get("Tags"))

    def create(tx: Transaction) -> Listener:
        balancer = finding.load_balancer(tx, parameters["LoadBalancerArn"])
        port, protocol = parameters.get("Port"), parameters.get("Protocol")
        if port is None:
            raise faults.invalid("A listener port must be specified")
        if protocol is None:
            raise faults.invalid("A listener protocol must be specified")
        _check_protocol(parameters)
        parsed = actions.parse(tx, Place(balancer, protocol, port), parameters["DefaultActions"])
        for known in tx.by(LISTENERS, "load_balancer", balancer.arn):
            if known.port == port:
                if (known.protocol, known.default_actions) == (protocol, parsed):
                    return known
                raise _duplicate(balancer.arn)
        used = finding.groups_of_balancer(tx, balancer.arn)
        row = Listener(
            arn=context.arns.listener(balancer.name, arn_name(balancer.arn), context.ids.hex(16)),
            load_balancer_arn=balancer.arn,
            port=port,
            protocol=protocol,
            default_actions=parsed,
            created_at=context.clock.now(),
            tags=tags,
        )
        tx.put(LISTENERS, row)
        quotas.check_listeners(tx, balancer.arn)
        quotas.check_groups(tx, balancer.arn, used)
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
        # Misspelt so by AWS.
        raise faults.invalid("An SSL policy cannot be specifed for HTTP listeners")
    if parameters.get("AlpnPolicy"):
        raise faults.invalid("You cannot set ALPN policy on load balancers of type 'application'")
    if (parameters.get("MutualAuthentication") or {}).get("Mode", "off") != "off":
        raise faults.invalid("Mutual authentication cannot be specified for HTTP listeners")


def _duplicate(balancer_arn: str) -> Fault:
    text = f"A listener already exists on this port for this load balancer '{balancer_arn}'"
    return Fault("DuplicateListener", text)


@honours("ListenerArn", *_MEMBERS)
async def modify_listener(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Change port or default actions; what is not given stays."""
    parameters = call.parameters
    _check_protocol(parameters)

    def change(tx: Transaction) -> Listener:
        row = finding.listener(tx, parameters["ListenerArn"])
        balancer = finding.load_balancer(tx, row.load_balancer_arn)
        port = parameters.get("Port") or row.port
        others = [o for o in tx.by(LISTENERS, "load_balancer", balancer.arn) if o.arn != row.arn]
        if any(other.port == port for other in others):
            raise _duplicate(balancer.arn)
        used = finding.groups_of_balancer(tx, balancer.arn)
        given = parameters.get("DefaultActions")
        place = Place(balancer, row.protocol, port)
        parsed = actions.parse(tx, place, given) if given else row.default_actions
        row = replace(row, port=port, default_actions=parsed)
        tx.put(LISTENERS, row)
        quotas.check_groups(tx, balancer.arn, used)
        return row

    return {"Listeners": [view(await context.store.transact(change))]}


@honours("ListenerArns", "LoadBalancerArn", "Marker", "PageSize")
async def describe_listeners(context: ApiContext, call: Call) -> Mapping[str, Any]:
    parameters, snapshot = call.parameters, context.store.snapshot
    arns, balancer = parameters.get("ListenerArns"), parameters.get("LoadBalancerArn")
    if bool(arns) == bool(balancer):
        raise faults.invalid("You must specify either listener ARNs or a load balancer ARN")
    if arns:
        rows = [finding.listener(snapshot, arn) for arn in dict.fromkeys(arns)]
    else:
        finding.load_balancer(snapshot, str(balancer))
        rows = list(snapshot.by(LISTENERS, "load_balancer", str(balancer)))
    found, marker = finding.page(rows, parameters, lambda row: row.arn)
    return {"Listeners": [view(row) for row in found], "NextMarker": marker}


@honours("ListenerArn")
async def delete_listener(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Delete a listener with its rules."""

    def delete(tx: Transaction) -> None:
        row = finding.listener(tx, call.parameters["ListenerArn"])
        for rule in list(tx.by(RULES, "listener", row.arn)):
            tx.delete(RULES, rule.arn)
        tx.delete(LISTENERS, row.arn)

    await context.store.transact(delete)
    return {}


@honours("ListenerArn")
async def describe_attributes(context: ApiContext, call: Call) -> Mapping[str, Any]:
    row = finding.listener(context.store.snapshot, call.parameters["ListenerArn"])
    return {"Attributes": attributes.described(attributes.LISTENER, row.attributes)}


@honours("ListenerArn", "Attributes")
async def modify_attributes(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def change(tx: Transaction) -> Listener:
        row = finding.listener(tx, call.parameters["ListenerArn"])
        after = attributes.changed_listener(row.attributes, call.parameters["Attributes"])
        row = replace(row, attributes=after)
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


_HTTP = "HTTP; forward, redirect, fixed-response"

OPERATIONS: Mapping[str, Operation] = {
    "CreateListener": Operation(create_listener, _HTTP),
    "ModifyListener": Operation(modify_listener, _HTTP),
    "DescribeListeners": Operation(describe_listeners),
    "DeleteListener": Operation(delete_listener),
    "DescribeListenerAttributes": Operation(describe_attributes, "those of HTTP listeners"),
    "ModifyListenerAttributes": Operation(modify_attributes, "kept, without effect on responses yet"),
}
