"""Target groups as HAProxy's backends."""

from __future__ import annotations

from collections.abc import Mapping

from tidegate.balancer.decisions.servers import Server, backend_name
from tidegate.fleet.balancing import GroupDocument

# HAProxy's name for each algorithm. Round robin is exact with one thread; random wants a single draw.
BALANCE = {
    "round_robin": "roundrobin",
    "least_outstanding_requests": "leastconn",
    "weighted_random": "random(1)",
}


def backend(
    arn: str, group: GroupDocument | None, servers: Mapping[str, Server], idle_seconds: int
) -> dict[str, object]:
    """What the template says of one group; its document may not have come yet."""
    return {
        "name": backend_name(arn),
        "version": group.protocol_version if group is not None else "HTTP1",
        "balance": BALANCE[group.algorithm if group is not None else "round_robin"],
        "idle": idle_seconds,
        "servers": [server for _, server in sorted(servers.items())],
    }


def shape(group: GroupDocument | None) -> object:
    """What of a group stands in the file, besides its servers: a change of it needs a reload."""
    return None if group is None else (group.algorithm, group.protocol, group.protocol_version)
