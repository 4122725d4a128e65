"""Whom the security groups of a load balancer let in at a listener."""

from __future__ import annotations

from tidegate.balancer.decisions.configuration.tables import Table
from tidegate.fleet.balancing import EdgeListener, EdgeLoadBalancer


def clients(frontend: str, balancer: EdgeLoadBalancer, listener: EdgeListener) -> Table | None:
    """The blocks of addresses that may connect to a listener's own port; None when nobody is kept out."""
    if balancer.ingress is None:
        return None
    blocks = {
        cidr
        for rule in balancer.ingress
        if rule.from_port <= listener.port <= rule.to_port
        for cidr in rule.cidrs
    }
    return Table(name=f"{frontend}.clients.acl", entries=tuple((cidr, "") for cidr in sorted(blocks)))
