"""Rules of listeners, and the order in which they are tried."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.elbv2 import actions, conditions, faults, finding, quotas, transforms
from tidegate.control.api.elbv2.place import Place
from tidegate.control.api.honoured import honours
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import RULES
from tidegate.domain.arns import arn_name
from tidegate.domain.elbv2 import Rule
from tidegate.wire import Call, Fault, Operation


@honours("ListenerArn", "Priority", "Conditions", "Actions", "Tags", "Transforms")
async def create_rule(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Create a rule; the same again finds its priority in use."""
    parameters = call.parameters
    tags = finding.tag_map(parameters.get("Tags"))
    priority = parameters["Priority"]
    await actions.prepare(context, parameters["Actions"])

    def create(tx: Transaction) -> Rule:
        listener = finding.listener(tx, parameters["ListenerArn"])
        balancer = finding.load_balancer(tx, listener.load_balancer_arn)
        used = finding.groups_of_balancer(tx, balancer.arn)
        row = Rule(
            arn=context.arns.listener_rule(
                balancer.name, arn_name(balancer.arn), arn_name(listener.arn), context.ids.hex(16)
            ),
            listener_arn=listener.arn,
            priority=priority,
            conditions=conditions.parse(parameters["Conditions"]),
            actions=actions.parse(tx, Place.of(balancer, listener), parameters["Actions"]),
            transforms=transforms.parse(parameters.get("Transforms") or ()),
            tags=tags,
        )
        if priority in _priorities(tx, listener.arn):
            raise _in_use(priority)
        tx.put(RULES, row)
        quotas.check_rules(tx, balancer.arn)
        quotas.check_groups(tx, balancer.arn, used)
        return row

    return {"Rules": [view(await context.store.transact(create))]}


def _priorities(tx: Transaction, listener_arn: str) -> set[int | None]:
    return {rule.priority for rule in tx.by(RULES, "listener", listener_arn)}


def _in_use(priority: int) -> Fault:
    return Fault("PriorityInUse", f"Priority '{priority}' is currently in use")


@honours("RuleArn", "Conditions", "Actions", "Transforms", "ResetTransforms")
async def modify_rule(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Replace conditions, actions or transforms, or several of them; what is not given stays."""
    parameters = call.parameters
    has_transforms = bool(parameters.get("Transforms"))
    if has_transforms and parameters.get("ResetTransforms"):
        # AWS's words are not known.
        raise faults.invalid("You cannot specify both Transforms and ResetTransforms")
    halves = (parameters.get("Conditions"), parameters.get("Actions"))
    if halves == (None, None) and not has_transforms and not parameters.get("ResetTransforms"):
        raise faults.invalid("Either conditions or actions must be specified")
    await actions.prepare(context, parameters.get("Actions"))

    def change(tx: Transaction) -> Rule:
        row = _changeable(tx, parameters["RuleArn"], "modified")
        listener = finding.listener(tx, row.listener_arn)
        balancer = finding.load_balancer(tx, listener.load_balancer_arn)
        used = finding.groups_of_balancer(tx, balancer.arn)
        row = _changed(tx, Place.of(balancer, listener), row, parameters)
        tx.put(RULES, row)
        quotas.check_groups(tx, balancer.arn, used)
        return row

    return {"Rules": [view(await context.store.transact(change))]}


def _changed(tx: Transaction, place: Place, row: Rule, parameters: Mapping[str, Any]) -> Rule:
    if parameters.get("Conditions") is not None:
        row = replace(row, conditions=conditions.parse(parameters["Conditions"]))
    if parameters.get("Actions") is not None:
        row = replace(row, actions=actions.parse(tx, place, parameters["Actions"], row.actions))
    if parameters.get("Transforms"):
        row = replace(row, transforms=transforms.parse(parameters["Transforms"]))
    if parameters.get("ResetTransforms"):
        row = replace(row, transforms=())
    return row


def _changeable(tx: Transaction, arn: str, what: str) -> Rule:
    """A rule that is not a default rule; raises RuleNotFound, OperationNotPermitted."""
    row = finding.rule(tx, arn)
    if row.is_default:
        raise Fault("OperationNotPermitted", f"Default rule '{arn}' cannot be {what}")
    return row


@honours("RuleArn")
async def delete_rule(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def delete(tx: Transaction) -> None:
        tx.delete(RULES, _changeable(tx, call.parameters["RuleArn"], "deleted").arn)

    await context.store.transact(delete)
    return {}


@honours("RulePriorities")
async def set_rule_priorities(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Change priorities in one step: only what all of them are in the end may not clash."""
    given = call.parameters["RulePriorities"]
    _check_priorities(given)

    def change(tx: Transaction) -> list[Rule]:
        named = [(_changeable(tx, item["RuleArn"], "modified"), item["Priority"]) for item in given]
        moved = {row.arn: replace(row, priority=priority) for row, priority in named}
        for row in moved.values():
            others = (one for one in tx.by(RULES, "listener", row.listener_arn) if one.arn not in moved)
            if any(other.priority == row.priority for other in others):
                raise _in_use(row.priority or 0)
        for row in moved.values():
            tx.put(RULES, row)
        return list(moved.values())

    return {"Rules": [view(row) for row in await context.store.transact(change)]}


def _check_priorities(given: Sequence[Mapping[str, Any]]) -> None:
    for member, what in (("RuleArn", "rule ARN"), ("Priority", "rule priority")):
        if not given or any(item.get(member) is None for item in given):
            raise faults.invalid(f"A {what} must be specified")
        values = [item[member] for item in given]
        repeated = next((value for value in values if values.count(value) > 1), None)
        if repeated is not None:
            name = "Priority" if member == "Priority" else "Rule"
            raise faults.invalid(f"{name} '{repeated}' was provided multiple times")


@honours("ListenerArn", "RuleArns", "Marker", "PageSize")
async def describe_rules(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Rules in the order in which they are tried, the default rule last."""
    parameters, snapshot = call.parameters, context.store.snapshot
    arns, listener_arn = parameters.get("RuleArns"), parameters.get("ListenerArn")
    if arns and listener_arn:
        text = "Listener rule ARNs and a listener ARN cannot be specified at the same time"
        raise faults.invalid(text)
    if not arns and not listener_arn:
        raise faults.invalid("You must specify either listener rule ARNs or a listener ARN")
    rows: Iterable[Rule]
    if arns:
        rows = [finding.rule(snapshot, arn) for arn in dict.fromkeys(arns)]
    else:
        rows = rules_of(snapshot, str(listener_arn))
    found, marker = finding.page(list(rows), parameters, _order)
    return {"Rules": [view(row) for row in found], "NextMarker": marker}


def rules_of(state: Snapshot | Transaction, listener_arn: str) -> list[Rule]:
    """A listener's rules with its default rule; raises ListenerNotFound."""
    listener = finding.listener(state, listener_arn)
    return [*state.by(RULES, "listener", listener.arn), listener.default_rule]


def _order(row: Rule) -> str:
    # The ARN tells rules of several listeners apart.
    return f"{_priority(row):0>7}|{row.arn}"


def _priority(row: Rule) -> str:
    return "default" if row.priority is None else str(row.priority)


def view(row: Rule) -> dict[str, Any]:
    return {
        "RuleArn": row.arn,
        "Priority": _priority(row),
        "Conditions": [conditions.view(condition) for condition in row.conditions],
        "Actions": [actions.view(action) for action in row.actions],
        "IsDefault": row.is_default,
        "Transforms": [transforms.view(transform) for transform in row.transforms],
    }


OPERATIONS: Mapping[str, Operation] = {
    "CreateRule": Operation(create_rule),
    "ModifyRule": Operation(modify_rule),
    "DeleteRule": Operation(delete_rule),
    "SetRulePriorities": Operation(set_rule_priorities),
    "DescribeRules": Operation(describe_rules),
}
