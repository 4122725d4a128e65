"""The documents that a balancer is sent, as plain JSON: the bench stands outside of the product."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

_ACCOUNT = "arn:aws:elasticloadbalancing:us-east-1:000000000000"


@dataclass(frozen=True, slots=True)
class Target:
    id: str
    address: str
    port: int


def group_arn(number: int) -> str:
    return f"{_ACCOUNT}:targetgroup/bench-{number}/{number:016x}"


# What a rule asks for: AWS's field, and values.
Conditions = dict[str, Sequence[str]]


def edge(address: str, ports: Sequence[int], rules: Sequence[Sequence[Conditions]] = ()) -> dict[str, Any]:
    """A load balancer with one HTTP listener a port, each of which forwards to the group of its number.
    `rules`: those of each listener, before its default rule."""
    each = [rules[number] if number < len(rules) else () for number in range(len(ports))]
    return {
        "generation": 1,
        "load_balancers": [
            {
                "arn": f"{_ACCOUNT}:loadbalancer/app/bench/{0:016x}",
                "name": "bench",
                "dns_name": "bench.elb.localhost",
                "address": address,
                "listeners": [_listener(number, port, each[number]) for number, port in enumerate(ports)],
            }
        ],
        "target_groups": [group_arn(number) for number in range(len(ports))],
    }


def group(number: int, generation: int, targets: Iterable[Target]) -> dict[str, Any]:
    return {
        "target_group_arn": group_arn(number),
        "generation": generation,
        "algorithm": "round_robin",
        # AWS's default times.
        "health_check": {"path": "/health", "interval_seconds": 30, "timeout_seconds": 5},
        "targets": [{"id": one.id, "address": one.address, "port": one.port} for one in targets],
    }


def _listener(number: int, port: int, rules: Sequence[Conditions]) -> dict[str, Any]:
    arn = f"{_ACCOUNT}:listener/app/bench/{0:016x}/{number:016x}"
    rule_arn = arn.replace(":listener/", ":listener-rule/")
    action = {"type": "forward", "target_groups": [[group_arn(number), 1]]}
    return {
        "arn": arn,
        "port": port,
        "protocol": "HTTP",
        "default_action": action,
        "rules": [
            *(
                {
                    "arn": f"{rule_arn}/{priority:016x}",
                    "priority": priority,
                    "conditions": [{"field": field, "values": values} for field, values in rule.items()],
                    "action": action,
                }
                for priority, rule in enumerate(rules, 1)
            ),
            {"arn": rule_arn, "action": action},
        ],
    }
