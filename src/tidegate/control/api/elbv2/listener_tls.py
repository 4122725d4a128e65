"""Protocol and TLS of listeners: what a request asks for, on top of what there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.elbv2 import certificates, faults, mutual_authentication
from tidegate.control.store import Transaction
from tidegate.control.store.tables import LISTENERS
from tidegate.domain.elbv2 import Listener, MutualAuthentication
from tidegate.domain.elbv2.attributes import REQUEST_HEADERS
from tidegate.domain.elbv2.ssl_policies import DEFAULT_SSL_POLICY, SSL_POLICIES
from tidegate.wire import Fault

MEMBERS = ("Protocol", "Certificates", "SslPolicy", "MutualAuthentication", "AlpnPolicy")


def changed(tx: Transaction, row: Listener, parameters: Mapping[str, Any], region: str) -> Listener:
    """The listener with the request's protocol and TLS settings; raises the fault of what is wrong."""
    protocol = parameters.get("Protocol") or row.protocol
    if protocol not in ("HTTP", "HTTPS"):
        raise faults.invalid(f"Listener protocol '{protocol}' must be one of 'HTTP, HTTPS'")
    if parameters.get("AlpnPolicy"):
        raise faults.invalid("You cannot set ALPN policy on load balancers of type 'application'")
    if protocol == "HTTP":
        _check_plain(parameters)
        return _plain(row)
    return replace(
        row,
        protocol=protocol,
        certificate_arns=_certificates(tx, row, parameters, region),
        ssl_policy=_policy(parameters.get("SslPolicy") or row.ssl_policy or DEFAULT_SSL_POLICY),
        mutual_authentication=_mutual_authentication(tx, row, parameters),
    )


def _check_plain(parameters: Mapping[str, Any]) -> None:
    if parameters.get("Certificates"):
        raise faults.invalid("A certificate cannot be specified for HTTP listeners")
    if parameters.get("SslPolicy"):
        # Misspelt so by AWS.
        raise faults.invalid("An SSL policy cannot be specifed for HTTP listeners")
    if parameters.get("MutualAuthentication"):
        raise faults.invalid("Mutual Authentication cannot be set for non secure listeners")


def _plain(row: Listener) -> Listener:
    """The listener without TLS, if it had any."""
    kept = {key: value for key, value in row.attributes.items() if key not in REQUEST_HEADERS}
    return replace(
        row,
        protocol="HTTP",
        certificate_arns=(),
        ssl_policy=None,
        mutual_authentication=None,
        attributes=kept,
    )


def _certificates(
    tx: Transaction, row: Listener, parameters: Mapping[str, Any], region: str
) -> tuple[str, ...]:
    """The default certificate, the request's or the present one, and the others as they are."""
    given = parameters.get("Certificates")
    if not given:
        if not row.certificate_arns:
            raise faults.invalid("A certificate must be specified for HTTPS listeners")
        return row.certificate_arns
    arn = certificates.single_arn(given)
    certificates.usable(tx, arn, region)
    return (arn, *row.certificate_arns[1:])


def _policy(name: str) -> str:
    if name not in SSL_POLICIES:
        raise Fault("SSLPolicyNotFound", f"SSL policy '{name}' not found")
    return name


def _mutual_authentication(
    tx: Transaction, row: Listener, parameters: Mapping[str, Any]
) -> MutualAuthentication:
    given = parameters.get("MutualAuthentication")
    if given is not None:
        return mutual_authentication.parse(tx, given)
    return row.mutual_authentication or MutualAuthentication()


def check_others(tx: Transaction, row: Listener) -> None:
    """Raise the fault of what does not go with the load balancer's other listeners; `row` is written."""
    if row.protocol != "HTTPS":
        return
    listeners = list(tx.by(LISTENERS, "load_balancer", row.load_balancer_arn))
    kinds = {SSL_POLICIES[one.ssl_policy].is_fips for one in listeners if one.ssl_policy}
    if len(kinds) > 1:
        # AWS's words are not known.
        raise faults.misconfigured(
            "All HTTPS listeners of a load balancer must have either FIPS or non-FIPS SSL policies"
        )
    mutual_authentication.check_count(row.load_balancer_arn, listeners)


def view(row: Listener) -> dict[str, Any]:
    """What an HTTPS listener shows beyond an HTTP one."""
    if row.protocol != "HTTPS":
        return {}
    settings = row.mutual_authentication or MutualAuthentication()
    return {
        "Certificates": [{"CertificateArn": row.certificate_arns[0]}],
        "SslPolicy": row.ssl_policy,
        "MutualAuthentication": mutual_authentication.view(settings),
    }
