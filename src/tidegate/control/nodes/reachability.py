"""Who may reach what, by security groups: clients a load balancer, a load balancer its targets.

AWS's rules: what any group of a resource permits is permitted. A rule names a CIDR block, or a group: then
it speaks of the private addresses of what is in that group. Here instances and load balancers answer on
loopback addresses, and have no others; but a rule is written with the addresses of subnets in mind, so that
a block which holds a subnet whole holds what is in the subnet, too.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tidegate.control.store import Snapshot
from tidegate.control.store.tables import (
    INSTANCES,
    LISTENERS,
    LOAD_BALANCERS,
    RULES,
    SECURITY_GROUPS,
    SUBNETS,
)
from tidegate.domain.ec2 import Instance, SecurityGroupRule
from tidegate.domain.elbv2 import LoadBalancer, Target
from tidegate.fleet.balancing import EdgeIngress

_TCP = ("tcp", "-1")
_PORT_MAX = 65535

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Ports = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Party:
    """One side of a connection: its security groups, and the blocks that it is in."""

    groups: tuple[str, ...]
    blocks: tuple[Network, ...]

    def is_peer_of(self, rule: SecurityGroupRule) -> bool:
        if rule.peer.group_id is not None:
            return rule.peer.group_id in self.groups
        block = _network(rule.peer.cidr or "")
        return any(_is_within(own, block) for own in self.blocks)


@lru_cache(maxsize=4096)
def _network(cidr: str) -> Network:
    return ipaddress.ip_network(cidr, strict=False)


def _is_within(inner: Network, outer: Network) -> bool:
    if isinstance(inner, ipaddress.IPv4Network) and isinstance(outer, ipaddress.IPv4Network):
        return inner.subnet_of(outer)
    if isinstance(inner, ipaddress.IPv6Network) and isinstance(outer, ipaddress.IPv6Network):
        return inner.subnet_of(outer)
    return False


def ingress(snapshot: Snapshot, row: LoadBalancer) -> tuple[EdgeIngress, ...] | None:
    """What a load balancer's security groups let in; None when it has none, so that nobody is asked."""
    if not row.security_groups:
        return None
    found: dict[_Ports, set[str]] = {}
    for rule in _rules(snapshot, row.security_groups, is_egress=False):
        found.setdefault(_ports(rule), set()).update(_cidrs(snapshot, rule))
    return tuple(
        EdgeIngress(from_port=low, to_port=high, cidrs=tuple(sorted(cidrs)))
        for (low, high), cidrs in sorted(found.items())
        if cidrs
    )


def _rules(snapshot: Snapshot, group_ids: Iterable[str], *, is_egress: bool) -> list[SecurityGroupRule]:
    """The rules for TCP of several groups, of one direction."""
    groups = (snapshot.get(SECURITY_GROUPS, group_id) for group_id in group_ids)
    return [
        rule
        for group in groups
        if group is not None
        for rule in group.rules
        if rule.is_egress == is_egress and rule.protocol in _TCP
    ]


def _ports(rule: SecurityGroupRule) -> _Ports:
    if rule.from_port is None or rule.to_port is None:
        return 0, _PORT_MAX
    return rule.from_port, rule.to_port


def _cidrs(snapshot: Snapshot, rule: SecurityGroupRule) -> Iterable[str]:
    """The blocks of a rule's peer: those of a group are the addresses of what is in it. A terminated
    instance has none, and its address may be another's by now."""
    if rule.peer.group_id is None:
        return [rule.peer.cidr or ""]
    instances = (
        one
        for one in snapshot.all(INSTANCES)
        if rule.peer.group_id in one.security_groups and one.state != "terminated"
    )
    balancers = (one for one in snapshot.all(LOAD_BALANCERS) if rule.peer.group_id in one.security_groups)
    addresses = [one.private_ip_address for one in instances] + [one.address for one in balancers]
    return [f"{address}/32" for address in addresses]


class Reach:
    """What a load balancer may reach; None is of a group that none uses."""

    def __init__(self, snapshot: Snapshot, balancer: LoadBalancer | None) -> None:
        self._snapshot = snapshot
        self._source = _of_balancer(snapshot, balancer) if balancer is not None else _Party((), ())
        self._egress = _rules(snapshot, self._source.groups, is_egress=True)
        # Targets by the thousand share security groups, and many an address.
        self._inward: dict[tuple[str, ...], list[_Ports]] = {}
        self._outward: dict[str, list[_Ports]] = {}

    def admits(self, target: Target, address: str, port: int) -> bool:
        """Whether the security groups of both sides let the load balancer reach the target's port.

        A load balancer without groups may reach everything, and of a target that is no instance of EC2's
        nothing is asked.
        """
        if not self._source.groups:
            return True
        instance = self._snapshot.get(INSTANCES, target.id)
        if address not in self._outward:
            peer = _of_target(self._snapshot, instance, address)
            self._outward[address] = _permitted(self._egress, peer)
        if not _is_in(port, self._outward[address]):
            return False
        return instance is None or _is_in(port, self._inbound(instance.security_groups))

    def _inbound(self, groups: tuple[str, ...]) -> list[_Ports]:
        if groups not in self._inward:
            rules = _rules(self._snapshot, groups, is_egress=False)
            self._inward[groups] = _permitted(rules, self._source)
        return self._inward[groups]


def _permitted(rules: Sequence[SecurityGroupRule], peer: _Party) -> list[_Ports]:
    return [_ports(rule) for rule in rules if peer.is_peer_of(rule)]


def _is_in(port: int, permitted: Sequence[_Ports]) -> bool:
    return any(low <= port <= high for low, high in permitted)


def balancer_of(snapshot: Snapshot, group_arn: str) -> LoadBalancer | None:
    """The load balancer that a group serves: there is one at most."""
    listeners = [one.arn for one in snapshot.by(LISTENERS, "target_group", group_arn)]
    listeners += [one.listener_arn for one in snapshot.by(RULES, "target_group", group_arn)]
    for arn in listeners:
        listener = snapshot.get(LISTENERS, arn)
        if listener is not None:
            return snapshot.get(LOAD_BALANCERS, listener.load_balancer_arn)
    return None


def _of_balancer(snapshot: Snapshot, row: LoadBalancer) -> _Party:
    subnets = (zone.subnet_id for zone in row.zones)
    return _Party(row.security_groups, (_host(row.address), *_blocks(snapshot, subnets)))


def _of_target(snapshot: Snapshot, instance: Instance | None, address: str) -> _Party:
    if instance is None:
        return _Party((), (_host(address),))
    return _Party(instance.security_groups, (_host(address), *_blocks(snapshot, [instance.subnet_id])))


def _blocks(snapshot: Snapshot, subnet_ids: Iterable[str]) -> Iterable[Network]:
    for subnet_id in subnet_ids:
        subnet = snapshot.get(SUBNETS, subnet_id)
        if subnet is not None:
            yield _network(subnet.cidr_block)


def _host(address: str) -> Network:
    return _network(f"{address}/32")
