"""Load balancers that keep logs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tidegate.balancer.decisions.access_log.sources import Source, sources
from tidegate.fleet.balancing import (
    EdgeAction,
    EdgeCertificate,
    EdgeDocument,
    EdgeListener,
    EdgeLoadBalancer,
    EdgeLog,
    EdgeRule,
    EdgeTls,
)

PREFIX = "arn:aws:elasticloadbalancing:us-east-1:000000000000"
GROUP = f"{PREFIX}:targetgroup/a/a1"
LOGS = tuple(EdgeLog(kind=kind, bucket="logs") for kind in ("access", "connection", "health_check"))
# Each is its own DER: what is hashed is what is between the lines.
PEM = "-----BEGIN CERTIFICATE-----\n{0}\n-----END CERTIFICATE-----\n"
DEFAULT_CERTIFICATE = EdgeCertificate(arn="cert/default", pem=PEM.format("AAAA"), names=("a.test",))
OTHER_CERTIFICATE = EdgeCertificate(arn="cert/other", pem=PEM.format("BBBB"), names=("*.b.test",))


def a_rule(number: int, action: EdgeAction) -> EdgeRule:
    return EdgeRule(arn=f"{PREFIX}:listener-rule/app/lb/1/1/r{number}", priority=number, action=action)


def a_balancer(number: int = 1, *, is_tls: bool = False, **fields: Any) -> EdgeLoadBalancer:
    """One listener, with the frontend `l_NUMBER`: rule 1 redirects, the default one forwards."""
    tls = EdgeTls(certificates=("cert/default", "cert/other"), policy="p", protocols=(), ciphers=())
    listener = EdgeListener(
        arn=f"{PREFIX}:listener/app/lb/{number}/{number}",
        port=443 if is_tls else 80,
        protocol="HTTPS" if is_tls else "HTTP",
        rules=(
            a_rule(1, EdgeAction(type="redirect")),
            a_rule(2, EdgeAction(type="fixed-response")),
            EdgeRule(arn="default", action=EdgeAction(type="forward", target_groups=((GROUP, 1),))),
        ),
        tls=tls if is_tls else None,
    )
    known = {"name": "lb", "dns_name": "lb.test", "address": f"127.80.2.{number}", "logs": LOGS, **fields}
    return EdgeLoadBalancer(arn=f"{PREFIX}:loadbalancer/app/lb/{number}", listeners=(listener,), **known)


def asking(rule: EdgeRule, **check: Any) -> Source:
    """Of a listener whose default rule forwards, and which has this one."""
    plain = a_balancer()
    [listener] = plain.listeners
    rules = (replace(rule, **check), *listener.rules)
    balancer = replace(plain, listeners=(replace(listener, rules=rules),))
    return sources(an_edge(balancer))["l_1"]


def an_edge(*balancers: EdgeLoadBalancer) -> EdgeDocument:
    return EdgeDocument(
        generation=1,
        load_balancers=balancers,
        target_groups=(GROUP,),
        certificates=(DEFAULT_CERTIFICATE, OTHER_CERTIFICATE),
    )
