"""What the balancer is told, second by second: plain JSON, as the bench stands outside of the product."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bench.load_balancer.documents import Target, group_arn
from tidegate.testing.certificates import a_certificate

_ACCOUNT = "arn:aws:elasticloadbalancing:us-east-1:000000000000"
_CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/soak"
_CIPHERS = ("TLS_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256")
NAME = "soak.test"
# A connection that nobody uses ends before the next changes of the file have come and gone.
IDLE_SECONDS = 20
HTTP_PORT, HTTPS_PORT = 20_080, 20_443
GROUPS = 2
LOGS = ("access", "connection", "health_check")

Document = dict[str, Any]


def edge(generation: int, address: str, weights: Sequence[int], rules: int, certificate: str) -> Document:
    """`weights` of the groups; `rules`: a number that says which there are; `certificate`: PEM."""
    listeners = [_listener(HTTP_PORT, "HTTP", weights, rules), _listener(HTTPS_PORT, "HTTPS", weights, rules)]
    return {
        "generation": generation,
        "load_balancers": [
            {
                "arn": f"{_ACCOUNT}:loadbalancer/app/soak/{0:016x}",
                "name": "soak",
                "dns_name": "soak.elb.localhost",
                "address": address,
                "idle_timeout_seconds": IDLE_SECONDS,
                "logs": [{"kind": kind, "bucket": "soak"} for kind in LOGS],
                "listeners": listeners,
            }
        ],
        "target_groups": [group_arn(number) for number in range(GROUPS)],
        "certificates": [{"arn": _CERTIFICATE, "pem": certificate, "names": [NAME]}],
    }


def group(number: int, generation: int, active: Iterable[Target], draining: dict[Target, float]) -> Document:
    """`draining`: targets with their deadlines."""
    targets = [_target(one) for one in active]
    targets += [
        {**_target(one), "status": "draining", "drain_deadline": deadline}
        for one, deadline in draining.items()
    ]
    return {
        "target_group_arn": group_arn(number),
        "generation": generation,
        "algorithm": "round_robin",
        "health_check": {"path": "/health", "interval_seconds": 5, "timeout_seconds": 2},
        "targets": targets,
    }


def new_certificate() -> str:
    pair = a_certificate(NAME)
    return (pair.pem + pair.key_pem).decode()


def _target(target: Target) -> Document:
    return {"id": target.id, "address": target.address, "port": target.port}


def _listener(port: int, protocol: str, weights: Sequence[int], rules: int) -> Document:
    arn = f"{_ACCOUNT}:listener/app/soak/{0:016x}/{port:016x}"
    action = {
        "type": "forward",
        "target_groups": [[group_arn(number), weight] for number, weight in enumerate(weights)],
    }
    tls = {
        "certificates": [_CERTIFICATE],
        "policy": "soak",
        "protocols": ["TLSv1.3", "TLSv1.2"],
        "ciphers": _CIPHERS,
    }
    rule_arn = arn.replace(":listener/", ":listener-rule/")
    own = [
        {
            "arn": f"{rule_arn}/{priority:016x}",
            "priority": priority,
            "conditions": conditions,
            "action": action,
        }
        for priority, conditions in enumerate(_conditions(rules), 1)
    ]
    return {
        "arn": arn,
        "port": port,
        "protocol": protocol,
        "tls": tls if protocol == "HTTPS" else None,
        "rules": [*own, {"arn": rule_arn, "action": action}],
    }


def _conditions(rules: int) -> list[list[Document]]:
    """Paths, which change live; and every fourth time a header too, which takes a reload."""
    paths = [[{"field": "path-pattern", "values": [f"/kept/{rules + number}*"]}] for number in range(5)]
    if rules % 4:
        return paths
    header = {"field": "http-header", "header_name": f"x-soak-{rules % 3}", "values": ["yes*"]}
    return [*paths, [header]]
