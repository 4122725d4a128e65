"""Listeners."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.elbv2 import actions, faults, finding, listener_tls, quotas
from tidegate.control.api.elbv2.attribute_changes import described
from tidegate.control.api.elbv2.listener_attributes import changed_attributes
from tidegate.control.api.elbv2.place import Place
from tidegate.control.api.honoured import honours
from tidegate.control.store import Transaction
from tidegate.control.store.tables import LISTENERS, RULES
from tidegate.domain.arns import arn_name
from tidegate.domain.elbv2 import Listener, LoadBalancer
from tidegate.wire import Call, Fault, Operation

_MEMBERS = ("Port", "DefaultActions", *listener_tls.MEMBERS)


@honours("LoadBalancerArn", "Tags", *_MEMBERS)
async def create_listener(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Create a listener; the same again returns it as it is."""
    parameters = call.parameters
    tags = finding.tag_map(parameters.get("Tags"))
    await actions.prepare(context, parameters["DefaultActions"])

    def create(tx: Transaction) -> Listener:
        balancer = finding.load_balancer(tx, parameters["LoadBalancerArn"])
        row = replace(_new(context, tx, balancer, parameters), tags=tags)
        for known in tx.by(LISTENERS, "load_balancer", balancer.arn):
            if known.port == row.port:
                if _settings(known) == _settings(row):
                    return known
                raise _duplicate(balancer.arn)
        used = finding.groups_of_balancer(tx, balancer.arn)
        tx.put(LISTENERS, row)
        quotas.check_listeners(tx, balancer.arn)
        quotas.check_groups(tx, balancer.arn, used)
        listener_tls.check_others(tx, row)
        return row

    return {"Listeners": [view(await context.store.transact(create))]}


def _new(
    context: ApiContext, tx: Transaction, balancer: LoadBalancer, parameters: Mapping[str, Any]
) -> Listener:
    port, protocol = parameters.get("Port"), parameters.get("Protocol")
    if port is None:
        raise faults.invalid("A listener port must be specified")
    if protocol is None:
        raise faults.invalid("A listener protocol must be specified")
    row = Listener(
        arn=context.arns.listener(balancer.name, arn_name(balancer.arn), context.ids.hex(16)),
        load_balancer_arn=balancer.arn,
        port=port,
        protocol=protocol,
        default_actions=(),
        created_at=context.clock.now(),
    )
    row = listener_tls.changed(tx, row, parameters, context.settings.region)
    parsed = actions.parse(tx, Place.of(balancer, row), parameters["DefaultActions"])
    return replace(row, default_actions=parsed)


def _settings(row: Listener) -> tuple[object, ...]:
    """What a repeated creation is compared by: everything that a creation sets but the tags."""
    certificate = row.certificate_arns[:1]
    return row.protocol, row.default_actions, certificate, row.ssl_policy, row.mutual_authentication


def _duplicate(balancer_arn: str) -> Fault:
    text = f"A listener already exists on this port for this load balancer '{balancer_arn}'"
    return Fault("DuplicateListener", text)


@honours("ListenerArn", *_MEMBERS)
async def modify_listener(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Change port, protocol, TLS or default actions; what is not given stays."""
    parameters = call.parameters
    await actions.prepare(context, parameters.get("DefaultActions"))

    def change(tx: Transaction) -> Listener:
        row = finding.listener(tx, parameters["ListenerArn"])
        balancer = finding.load_balancer(tx, row.load_balancer_arn)
        row = listener_tls.changed(tx, row, parameters, context.settings.region)
        row = replace(row, port=parameters.get("Port") or row.port)
        others = [o for o in tx.by(LISTENERS, "load_balancer", balancer.arn) if o.arn != row.arn]
        if any(other.port == row.port for other in others):
            raise _duplicate(balancer.arn)
        used = finding.groups_of_balancer(tx, balancer.arn)
        place = Place.of(balancer, row)
        if parameters.get("DefaultActions"):
            parsed = actions.parse(tx, place, parameters["DefaultActions"], row.default_actions)
            row = replace(row, default_actions=parsed)
        # What stays must be able to act on what the listener has become.
        for kept in (row.default_rule, *tx.by(RULES, "listener", row.arn)):
            actions.check(tx, place, kept.actions)
        tx.put(LISTENERS, row)
        quotas.check_groups(tx, balancer.arn, used)
        listener_tls.check_others(tx, row)
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
    return {"Attributes": described(row.attribute_defaults, row.attributes)}


@honours("ListenerArn", "Attributes")
async def modify_attributes(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def change(tx: Transaction) -> Listener:
        row = finding.listener(tx, call.parameters["ListenerArn"])
        row = replace(row, attributes=changed_attributes(row, call.parameters["Attributes"]))
        tx.put(LISTENERS, row)
        return row

    row = await context.store.transact(change)
    return {"Attributes": described(row.attribute_defaults, row.attributes)}


def view(row: Listener) -> dict[str, Any]:
    return {
        "ListenerArn": row.arn,
        "LoadBalancerArn": row.load_balancer_arn,
        "Port": row.port,
        "Protocol": row.protocol,
        "DefaultActions": [actions.view(action) for action in row.default_actions],
        **listener_tls.view(row),
    }


OPERATIONS: Mapping[str, Operation] = {
    "CreateListener": Operation(create_listener),
    "ModifyListener": Operation(modify_listener),
    "DescribeListeners": Operation(describe_listeners),
    "DeleteListener": Operation(delete_listener),
    "DescribeListenerAttributes": Operation(describe_attributes),
    "ModifyListenerAttributes": Operation(modify_attributes),
}
