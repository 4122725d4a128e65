"""Listeners as HAProxy's frontends."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.balancer.decisions.configuration import actions
from tidegate.fleet.balancing import EdgeListener, EdgeLoadBalancer


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A listener and the address and port that it is to bind."""

    load_balancer: EdgeLoadBalancer
    listener: EdgeListener
    port: int


def frontend_name(listener_arn: str) -> str:
    return "l_" + listener_arn.rsplit("/", 1)[-1]


def frontend(item: Bound) -> dict[str, object]:
    """What the template says of one listener."""
    action = item.listener.rules[-1].action
    return {
        "name": frontend_name(item.listener.arn),
        "address": item.load_balancer.address,
        "port": item.port,
        "own_port": item.listener.port,
        "protocol": item.listener.protocol.lower(),
        "idle": item.load_balancer.idle_timeout_seconds,
        "shares": actions.shares(action),
        "redirect": actions.redirect(action),
        "fixed": actions.fixed(action),
    }
