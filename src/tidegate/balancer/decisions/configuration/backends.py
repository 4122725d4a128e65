"""Target groups as HAProxy's backends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tidegate.balancer.decisions.configuration.quoting import argument, quoted
from tidegate.balancer.decisions.pages import html
from tidegate.balancer.decisions.pools import is_zonal
from tidegate.balancer.decisions.servers import Server, keeps_apart
from tidegate.balancer.decisions.stickiness import Stickiness, maps, signing_key, tag
from tidegate.fleet.balancing import GroupDocument

# HAProxy's name for each algorithm. Round robin is exact with one thread; random wants a single draw.
BALANCE = {
    "round_robin": "roundrobin",
    "least_outstanding_requests": "leastconn",
    "weighted_random": "random(1)",
}


# HAProxy's clocks are no finer, and may have begun a little earlier.
_CLOCK_MILLISECONDS = 100

# Browsers keep a cookie of Application Load Balancers for a week, whatever it says inside.
BROWSER_SECONDS = 7 * 24 * 3600


def backend(
    name: str,
    group: GroupDocument | None,
    servers: Mapping[str, Server],
    idle_seconds: int,
    stickiness: Stickiness,
) -> dict[str, object]:
    """What the template says of one of a group's backends; its document may not have come yet."""
    silent_milliseconds = idle_seconds * 1000 - _CLOCK_MILLISECONDS
    return {
        "name": name,
        "broken": quoted(html(_broken(silent_milliseconds))),
        "silent_milliseconds": silent_milliseconds,
        "version": group.protocol_version if group is not None else "HTTP1",
        "keeps_apart": group is not None and keeps_apart(group),
        "balance": BALANCE[group.algorithm if group is not None else "round_robin"],
        "idle": idle_seconds,
        "sticky": _sticky(name, group, stickiness),
        "servers": [server for _, server in sorted(servers.items())],
    }


def _broken(silent_milliseconds: int) -> str:
    """The title of the page for a request that does not end well, by how long it took until then."""
    return (
        f"%[date(0,ms),sub(txn.began),set-var(txn.waited),div({silent_milliseconds}),bool,"
        "iif(408 Request Time-out,400 Bad Request)]"
    )


def shape(group: GroupDocument | None, zones: Sequence[str]) -> object:
    """What of a group stands in the file, besides its servers: a change of it needs a reload. `zones`: of
    the load balancer that uses it."""
    if group is None:
        return None
    return (
        group.algorithm,
        group.protocol,
        group.protocol_version,
        group.stickiness,
        is_zonal(group, zones) and tuple(zones),
    )


def _sticky(name: str, group: GroupDocument | None, stickiness: Stickiness) -> dict[str, object] | None:
    """What the template says of clients that stay with their target. `asked`, `answered`: fetches of the
    application's cookie, where it decides."""
    if group is None or group.stickiness is None:
        return None
    cookie = argument(group.stickiness.cookie_name) if group.stickiness.type == "app_cookie" else ""
    return {
        "cookie": cookie,
        "asked": quoted(f"req.cook({cookie})"),
        "answered": quoted(f"res.cook({cookie})"),
        "seconds": group.stickiness.seconds,
        "browser_seconds": BROWSER_SECONDS,
        "key": signing_key(stickiness.key, name),
        "tag": tag(stickiness.key, name),
        "maps": maps(stickiness.folder, name),
    }
