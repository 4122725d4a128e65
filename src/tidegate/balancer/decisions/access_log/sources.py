"""What of the edge a line is about: which load balancer, which rule's actions, which certificate."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tidegate.balancer.decisions.configuration.answers import answer_name
from tidegate.balancer.decisions.configuration.frontends import frontend_name
from tidegate.balancer.decisions.configuration.rules import number_of
from tidegate.balancer.decisions.servers import backend_name
from tidegate.fleet.balancing import (
    EdgeCertificate,
    EdgeDocument,
    EdgeListener,
    EdgeLoadBalancer,
    EdgeLog,
    EdgeRule,
)

ACCESS, CONNECTION, HEALTH_CHECK = "access", "connection", "health_check"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One listener's part of the edge. `elb`: app/NAME/ID. `target_groups`: ARNs by the name of their
    backends; `answers`: the action of each backend that answers by itself; `checks`: the action that, for
    the rule of a number, comes before it. `certificates`: by the SHA-1 of what is shown;
    `default_certificate` is shown where no other fits a name."""

    balancer: EdgeLoadBalancer
    elb: str
    protocol: str
    port: int
    target_groups: Mapping[str, str]
    answers: Mapping[str, str]
    checks: Mapping[str, str]
    certificates: Mapping[str, EdgeCertificate]
    default_certificate: str

    def log(self, kind: str) -> EdgeLog | None:
        """Where lines of that kind go, if anywhere."""
        return log_of(self.balancer, kind)


def log_of(balancer: EdgeLoadBalancer, kind: str) -> EdgeLog | None:
    return next((one for one in balancer.logs if one.kind == kind), None)


def sources(edge: EdgeDocument) -> dict[str, Source]:
    """By the name of the frontend, of every listener whose load balancer keeps logs."""
    certificates = {one.arn: one for one in edge.certificates}
    return {
        frontend_name(listener.arn): _source(balancer, listener, certificates)
        for balancer in edge.load_balancers
        if balancer.logs
        for listener in balancer.listeners
    }


def logged_groups(edge: EdgeDocument) -> dict[str, EdgeLoadBalancer]:
    """By the ARNs of target groups whose health checks are logged, the load balancer that logs them."""
    return {
        arn: balancer
        for balancer in edge.load_balancers
        if log_of(balancer, HEALTH_CHECK) is not None
        for listener in balancer.listeners
        for arn in listener.target_groups
    }


def elb(balancer: EdgeLoadBalancer) -> str:
    """The load balancer as its logs call it: app/NAME/ID."""
    return balancer.arn.split("loadbalancer/", 1)[-1]


def _source(
    balancer: EdgeLoadBalancer, listener: EdgeListener, certificates: Mapping[str, EdgeCertificate]
) -> Source:
    arns = listener.tls.certificates if listener.tls is not None else ()
    shown = [certificates[arn] for arn in arns if arn in certificates]
    return Source(
        balancer=balancer,
        elb=elb(balancer),
        protocol=listener.protocol.lower(),
        port=listener.port,
        target_groups={backend_name(arn): arn for arn in listener.target_groups},
        answers=dict(_answers(listener)),
        checks={str(number_of(rule)): check for rule in listener.rules if (check := _check(rule))},
        certificates=_by_fingerprint(shown),
        default_certificate=arns[0] if arns else "",
    )


def _answers(listener: EdgeListener) -> Iterator[tuple[str, str]]:
    frontend = frontend_name(listener.arn)
    for rule in listener.rules:
        if rule.action.type != "forward":
            yield answer_name(frontend, rule), rule.action.type


def _check(rule: EdgeRule) -> str:
    if rule.authentication is not None:
        return "authenticate"
    return "" if rule.token_validation is None else "jwt-validation"


def _by_fingerprint(certificates: Iterable[EdgeCertificate]) -> dict[str, EdgeCertificate]:
    """Where several are the same certificate, the first is named."""
    found: dict[str, EdgeCertificate] = {}
    for one in certificates:
        found.setdefault(_fingerprint(one.pem), one)
    return found


def _fingerprint(pem: str) -> str:
    """The SHA-1 of the first certificate, in capitals as HAProxy writes it."""
    body = pem.partition("-----BEGIN CERTIFICATE-----")[2].partition("-----END CERTIFICATE-----")[0]
    return hashlib.sha1(base64.b64decode(body), usedforsecurity=False).hexdigest().upper()
