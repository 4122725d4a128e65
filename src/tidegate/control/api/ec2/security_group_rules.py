"""Rules of security groups: authorised, revoked, changed, described."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ec2 import finding
from tidegate.control.api.ec2.faults import missing
from tidegate.control.api.ec2.reading import Noun, answer, described
from tidegate.control.api.ec2.requests import serves, tags_for
from tidegate.control.api.ec2.rules import (
    asked_rules,
    duplicate,
    is_same,
    peer_members,
    peer_of,
    permissions_view,
    rule_view,
)
from tidegate.control.store import Transaction
from tidegate.control.store.tables import SECURITY_GROUPS
from tidegate.domain.ec2 import SecurityGroup, SecurityGroupRule
from tidegate.wire import Call, Fault

RULES_MAX = 60
_PERMISSION = (
    "IpPermissions",
    "IpProtocol",
    "FromPort",
    "ToPort",
    "CidrIp",
    "SourceSecurityGroupName",
    "SourceSecurityGroupOwnerId",
)


@dataclass(frozen=True, slots=True)
class _RuleOf:
    """A rule with its group."""

    group: SecurityGroup
    rule: SecurityGroupRule


RULE = Noun[_RuleOf](
    kind="security-group-rule",
    id_of=lambda row: row.rule.id,
    filters={
        "group-id": lambda row: (row.group.id,),
        "security-group-rule-id": lambda row: (row.rule.id,),
    },
    tags_of=lambda row: row.rule.tags,
)


@serves("GroupId", "GroupName", "TagSpecifications", *_PERMISSION)
async def authorize_security_group_ingress(context: ApiContext, call: Call) -> Mapping[str, Any]:
    return await _authorize(context, call, is_egress=False)


@serves("GroupId", "TagSpecifications", *_PERMISSION)
async def authorize_security_group_egress(context: ApiContext, call: Call) -> Mapping[str, Any]:
    return await _authorize(context, call, is_egress=True)


async def _authorize(context: ApiContext, call: Call, *, is_egress: bool) -> Mapping[str, Any]:
    tags = tags_for(call.parameters, "security-group-rule")

    def authorize(tx: Transaction) -> tuple[SecurityGroup, list[SecurityGroupRule]]:
        row = _group(tx, call.parameters)
        added = asked_rules(tx.state, row, call.parameters, is_egress=is_egress, ids=context.ids, tags=tags)
        known = list(row.rules)
        for rule in added:
            if any(is_same(rule, other) for other in known):
                raise duplicate(rule)
            known.append(rule)
        if sum(1 for rule in known if rule.is_egress == is_egress) > RULES_MAX:
            text = "The maximum number of rules per security group has been reached."
            raise Fault("RulesPerSecurityGroupLimitExceeded", text)
        tx.put(SECURITY_GROUPS, replace(row, rules=tuple(known)))
        return row, added

    row, added = await context.store.transact(authorize)
    return {"Return": True, "SecurityGroupRules": [_view(context, _RuleOf(row, rule)) for rule in added]}


@serves("GroupId", "GroupName", "SecurityGroupRuleIds", *_PERMISSION)
async def revoke_security_group_ingress(context: ApiContext, call: Call) -> Mapping[str, Any]:
    return await _revoke(context, call, is_egress=False)


@serves("GroupId", "SecurityGroupRuleIds", *_PERMISSION)
async def revoke_security_group_egress(context: ApiContext, call: Call) -> Mapping[str, Any]:
    return await _revoke(context, call, is_egress=True)


async def _revoke(context: ApiContext, call: Call, *, is_egress: bool) -> Mapping[str, Any]:
    def revoke(tx: Transaction) -> tuple[SecurityGroup, list[SecurityGroupRule], list[SecurityGroupRule]]:
        row = _group(tx, call.parameters)
        unknown: list[SecurityGroupRule] = []
        if call.parameters.get("SecurityGroupRuleIds"):
            found = _named(row, call.parameters["SecurityGroupRuleIds"], is_egress)
        else:
            found, unknown = _matching(tx, context, row, call.parameters, is_egress)
        tx.put(SECURITY_GROUPS, replace(row, rules=tuple(rule for rule in row.rules if rule not in found)))
        return row, found, unknown

    row, found, unknown = await context.store.transact(revoke)
    account = context.settings.account
    return {
        "Return": True,
        "UnknownIpPermissions": permissions_view(account, unknown, is_egress=is_egress),
        "RevokedSecurityGroupRules": [_revoked_view(row, rule) for rule in found],
    }


def _named(row: SecurityGroup, ids: Iterable[str], is_egress: bool) -> list[SecurityGroupRule]:
    by_id = {rule.id: rule for rule in row.rules if rule.is_egress == is_egress}
    for rule_id in ids:
        if rule_id not in by_id:
            raise missing("security-group-rule", rule_id)
    return [by_id[rule_id] for rule_id in dict.fromkeys(ids)]


def _matching(
    tx: Transaction, context: ApiContext, row: SecurityGroup, parameters: Mapping[str, Any], is_egress: bool
) -> tuple[list[SecurityGroupRule], list[SecurityGroupRule]]:
    """The rules that the request's permissions describe, and those that are not there: an error, except
    in the default VPC, where EC2 only reports them."""
    found: list[SecurityGroupRule] = []
    unknown: list[SecurityGroupRule] = []
    for asked in asked_rules(tx.state, row, parameters, is_egress=is_egress, ids=context.ids):
        rule = next((known for known in row.rules if is_same(known, asked)), None)
        if rule is None:
            unknown.append(asked)
        else:
            found.append(rule)
    if unknown and not finding.vpc(tx.state, row.vpc_id).is_default:
        text = "The specified rule does not exist in this security group."
        raise Fault("InvalidPermission.NotFound", text)
    return found, unknown


@serves("GroupId", "SecurityGroupRules")
async def modify_security_group_rules(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def modify(tx: Transaction) -> None:
        for update in call.parameters["SecurityGroupRules"]:
            row = finding.security_group(tx.state, call.parameters["GroupId"])
            rule = next((one for one in row.rules if one.id == update.get("SecurityGroupRuleId")), None)
            if rule is None:
                raise missing("security-group-rule", update.get("SecurityGroupRuleId", ""))
            changed = _changed(tx, row, rule, update.get("SecurityGroupRule") or {}, context)
            if any(is_same(changed, other) for other in row.rules if other.id != rule.id):
                raise duplicate(changed)
            rules = tuple(changed if one.id == rule.id else one for one in row.rules)
            tx.put(SECURITY_GROUPS, replace(row, rules=rules))

    await context.store.transact(modify)
    return {"Return": True}


def _changed(
    tx: Transaction,
    row: SecurityGroup,
    rule: SecurityGroupRule,
    asked: Mapping[str, Any],
    context: ApiContext,
) -> SecurityGroupRule:
    peer = peer_of(tx.state, row, asked)
    ports = {name: asked[name] for name in ("IpProtocol", "FromPort", "ToPort") if name in asked}
    as_permission = {"IpPermissions": [{**ports, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}
    (parsed,) = asked_rules(tx.state, row, as_permission, is_egress=rule.is_egress, ids=context.ids)
    return replace(parsed, id=rule.id, peer=peer, description=asked.get("Description"), tags=rule.tags)


@serves("Filters", "SecurityGroupRuleIds", "NextToken", "MaxResults")
async def describe_security_group_rules(context: ApiContext, call: Call) -> Mapping[str, Any]:
    rows = [
        _RuleOf(group, rule) for group in context.store.snapshot.all(SECURITY_GROUPS) for rule in group.rules
    ]
    page = described(RULE, rows, call.parameters, call.parameters.get("SecurityGroupRuleIds"))
    return answer("SecurityGroupRules", page, lambda row: _view(context, row))


def _group(tx: Transaction, parameters: Mapping[str, Any]) -> SecurityGroup:
    return finding.security_group_by(tx.state, parameters.get("GroupId"), parameters.get("GroupName"))


def _view(context: ApiContext, row: _RuleOf) -> dict[str, Any]:
    arn = context.arns.ec2("security-group-rule", row.rule.id)
    return rule_view(context.settings.account, arn, row.group, row.rule)


def _revoked_view(row: SecurityGroup, rule: SecurityGroupRule) -> dict[str, Any]:
    return {
        "SecurityGroupRuleId": rule.id,
        "GroupId": row.id,
        "IsEgress": rule.is_egress,
        "IpProtocol": rule.protocol,
        "FromPort": -1 if rule.from_port is None else rule.from_port,
        "ToPort": -1 if rule.to_port is None else rule.to_port,
        "Description": rule.description,
        **peer_members(rule.peer),
    }
