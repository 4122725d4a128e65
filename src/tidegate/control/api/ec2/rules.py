"""Security group rules: from the permissions of requests, and back to permissions and rules of answers.

A permission is a protocol with ports and many peers; a rule has one peer. Rules are what is kept, since
each has an identifier; permissions are rules put together again.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tidegate.control.api.ec2 import finding
from tidegate.control.api.ec2.faults import invalid
from tidegate.control.api.honoured import unserved
from tidegate.control.api.tag_views import tag_list
from tidegate.control.store import Snapshot
from tidegate.domain.ec2 import PermissionPeer, SecurityGroup, SecurityGroupRule
from tidegate.domain.ids import Ids
from tidegate.domain.tags import Tags
from tidegate.wire import Fault

View = dict[str, Any]

_PORT_MAX = 65535
_NUMBERS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6", "all": "-1"}
_WITH_PORTS = ("tcp", "udp")
_ICMP = ("icmp", "icmpv6")


def default_egress(ids: Ids) -> SecurityGroupRule:
    """What every new group lets out: everything."""
    anywhere = PermissionPeer(cidr="0.0.0.0/0")
    return SecurityGroupRule(id=f"sgr-{ids.hex(17)}", is_egress=True, protocol="-1", peer=anywhere)


def asked_rules(
    state: Snapshot,
    group: SecurityGroup,
    parameters: Mapping[str, Any],
    *,
    is_egress: bool,
    ids: Ids,
    tags: Tags | None = None,
) -> list[SecurityGroupRule]:
    """The rules that a request names, each with a new identifier."""
    rules: list[SecurityGroupRule] = []
    for permission in _permissions(parameters):
        protocol, from_port, to_port = _protocol_and_ports(permission)
        for peer, description in _peers(state, group, permission):
            rules.append(
                SecurityGroupRule(
                    id=f"sgr-{ids.hex(17)}",
                    is_egress=is_egress,
                    protocol=protocol,
                    from_port=from_port,
                    to_port=to_port,
                    peer=peer,
                    description=description,
                    tags=tags or {},
                )
            )
    if not rules:
        raise invalid("The request must contain at least one permission with a source or destination")
    return rules


def is_same(one: SecurityGroupRule, other: SecurityGroupRule) -> bool:
    """Whether two rules let the same through: the description does not count."""
    return _scope(one) == _scope(other)


def duplicate(rule: SecurityGroupRule) -> Fault:
    """The fault for a rule that is there already."""
    ports = f", from port: {rule.from_port}, to port: {rule.to_port}" if rule.from_port is not None else ""
    protocol = "ALL" if rule.protocol == "-1" else rule.protocol.upper()
    text = f'the specified rule "peer: {_peer_text(rule.peer)}, {protocol}{ports}, ALLOW" already exists'
    return Fault("InvalidPermission.Duplicate", text)


def permissions_view(account: str, rules: Iterable[SecurityGroupRule], *, is_egress: bool) -> list[View]:
    """Rules as permissions: those with the same protocol and ports become one."""
    found: dict[tuple[Any, ...], View] = {}
    for rule in rules:
        if rule.is_egress != is_egress:
            continue
        key = (rule.protocol, rule.from_port, rule.to_port)
        view = found.setdefault(key, _empty_permission(rule))
        description = {} if rule.description is None else {"Description": rule.description}
        if rule.peer.group_id is not None:
            pair = {"GroupId": rule.peer.group_id, "UserId": account}
            view["UserIdGroupPairs"].append({**pair, **description})
        elif ":" in (rule.peer.cidr or ""):
            view["Ipv6Ranges"].append({"CidrIpv6": rule.peer.cidr, **description})
        else:
            view["IpRanges"].append({"CidrIp": rule.peer.cidr, **description})
    return list(found.values())


def rule_view(account: str, arn: str, group: SecurityGroup, rule: SecurityGroupRule) -> View:
    """One rule as DescribeSecurityGroupRules and the Authorize calls show it."""
    view: View = {
        "SecurityGroupRuleId": rule.id,
        "SecurityGroupRuleArn": arn,
        "GroupId": group.id,
        "GroupOwnerId": account,
        "IsEgress": rule.is_egress,
        "IpProtocol": rule.protocol,
        "FromPort": -1 if rule.from_port is None else rule.from_port,
        "ToPort": -1 if rule.to_port is None else rule.to_port,
        "Description": rule.description,
        "Tags": tag_list(rule.tags),
    }
    if rule.peer.group_id is not None:
        referenced = {"GroupId": rule.peer.group_id, "UserId": account, "VpcId": group.vpc_id}
        return {**view, "ReferencedGroupInfo": referenced}
    member = "CidrIpv6" if ":" in (rule.peer.cidr or "") else "CidrIpv4"
    return {**view, member: rule.peer.cidr}


def peer_members(peer: PermissionPeer) -> View:
    """A peer as revoked rules show it."""
    if peer.group_id is not None:
        return {"ReferencedGroupId": peer.group_id}
    return {"CidrIpv6" if ":" in (peer.cidr or "") else "CidrIpv4": peer.cidr}


def peer_of(state: Snapshot, group: SecurityGroup, entry: Mapping[str, Any]) -> PermissionPeer:
    """The peer of a single rule in its own request form (ModifySecurityGroupRules)."""
    if entry.get("PrefixListId"):
        raise unserved("ec2", "Tidegate does not serve prefix lists.")
    if entry.get("ReferencedGroupId"):
        return PermissionPeer(group_id=_group_id(state, group, {"GroupId": entry["ReferencedGroupId"]}))
    text = entry.get("CidrIpv4") or entry.get("CidrIpv6")
    if not text:
        raise Fault("MissingParameter", "A source or destination must be specified.")
    return PermissionPeer(cidr=_cidr(text, 6 if entry.get("CidrIpv6") else 4))


def _scope(rule: SecurityGroupRule) -> tuple[Any, ...]:
    return (rule.is_egress, rule.protocol, rule.from_port, rule.to_port, rule.peer)


def _empty_permission(rule: SecurityGroupRule) -> View:
    view: View = {"IpProtocol": rule.protocol}
    if rule.from_port is not None:
        view |= {"FromPort": rule.from_port, "ToPort": rule.to_port}
    return view | {"UserIdGroupPairs": [], "IpRanges": [], "Ipv6Ranges": [], "PrefixListIds": []}


def _permissions(parameters: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The request's permissions; the older form has a single one at the top level."""
    listed = parameters.get("IpPermissions")
    single = {name: parameters[name] for name in ("IpProtocol", "FromPort", "ToPort") if name in parameters}
    if parameters.get("CidrIp"):
        single["IpRanges"] = [{"CidrIp": parameters["CidrIp"]}]
    if parameters.get("SourceSecurityGroupName"):
        single["UserIdGroupPairs"] = [{"GroupName": parameters["SourceSecurityGroupName"]}]
        single.setdefault("IpProtocol", "-1")
    if listed and single:
        text = "The parameter ipPermissions may not be used with other permission parameters"
        raise Fault("InvalidParameterCombination", text)
    if not listed and not single:
        raise Fault("MissingParameter", "The request must contain the parameter ipPermissions")
    return listed or [single]


def _protocol_and_ports(permission: Mapping[str, Any]) -> tuple[str, int | None, int | None]:
    asked = permission.get("IpProtocol")
    if asked is None:
        raise Fault("MissingParameter", "The request must contain the parameter ipProtocol")
    protocol = _NUMBERS.get(asked.lower(), asked.lower())
    known = (*_WITH_PORTS, *_ICMP, "-1")
    is_number = protocol.isascii() and protocol.isdecimal() and len(protocol) <= 3
    if protocol not in known and not (is_number and int(protocol) <= 255):
        raise Fault(
            "InvalidPermission.Malformed",
            f'Unsupported IP protocol "{asked}" - supported: '
            "[tcp, udp, icmp, icmpv6, -1] or a protocol number",
        )
    if protocol not in (*_WITH_PORTS, *_ICMP):
        # Ports mean nothing to other protocols, and AWS forgets them.
        return protocol, None, None
    from_port, to_port = permission.get("FromPort"), permission.get("ToPort")
    if from_port is None or to_port is None:
        text = "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange."
        raise invalid(text)
    if protocol in _WITH_PORTS:
        if not (0 <= from_port <= _PORT_MAX and 0 <= to_port <= _PORT_MAX):
            bad = from_port if not 0 <= from_port <= _PORT_MAX else to_port
            raise invalid(f"Invalid value '{bad}' for port. Must be between 0 and {_PORT_MAX}.")
        if from_port > to_port:
            raise invalid(f"Invalid value '{from_port}-{to_port}' for portRange: from is greater than to.")
    return protocol, from_port, to_port


def _peers(
    state: Snapshot, group: SecurityGroup, permission: Mapping[str, Any]
) -> Iterator[tuple[PermissionPeer, str | None]]:
    if permission.get("PrefixListIds"):
        raise unserved("ec2", "Tidegate does not serve prefix lists.")
    for entry in permission.get("IpRanges") or ():
        yield PermissionPeer(cidr=_cidr(entry.get("CidrIp", ""), 4)), entry.get("Description")
    for entry in permission.get("Ipv6Ranges") or ():
        yield PermissionPeer(cidr=_cidr(entry.get("CidrIpv6", ""), 6)), entry.get("Description")
    for entry in permission.get("UserIdGroupPairs") or ():
        yield PermissionPeer(group_id=_group_id(state, group, entry)), entry.get("Description")


def _group_id(state: Snapshot, group: SecurityGroup, entry: Mapping[str, Any]) -> str:
    if entry.get("GroupId"):
        other = finding.security_group(state, entry["GroupId"])
    else:
        named = finding.security_group_named(state, group.vpc_id, entry.get("GroupName", ""))
        if named is None:
            name = entry.get("GroupName", "")
            raise Fault("InvalidGroup.NotFound", f"The security group '{name}' does not exist")
        other = named
    if other.vpc_id != group.vpc_id:
        raise invalid(f"You have specified two resources that belong to different networks: {other.id}")
    return other.id


def _cidr(text: str, version: int) -> str:
    network_type = ipaddress.IPv4Network if version == 4 else ipaddress.IPv6Network
    try:
        if "/" not in text:
            raise ValueError
        return str(network_type(text, strict=False))
    except ValueError as error:
        raise invalid(f"CIDR block {text} is malformed") from error


def _peer_text(peer: PermissionPeer) -> str:
    return peer.group_id or peer.cidr or ""
