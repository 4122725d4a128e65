"""The document of the edge: load balancers with their listeners and rules, certificates, trust stores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tidegate.control.nodes.edge_rules import edge_rule
from tidegate.control.nodes.reachability import ingress
from tidegate.control.store import Snapshot
from tidegate.control.store.tables import (
    CERTIFICATE_AUTHORITIES,
    CERTIFICATES,
    LISTENERS,
    LOAD_BALANCERS,
    LOGIN_KEYS,
    RULES,
    TARGET_GROUPS,
    TRUST_STORES,
)
from tidegate.domain.acm import Certificate
from tidegate.domain.elbv2 import Listener, LoadBalancer, MutualAuthentication, TrustStore
from tidegate.domain.elbv2.attributes import LOGS, REQUEST_HEADERS, RESPONSE_HEADERS
from tidegate.domain.elbv2.ssl_policies import DEFAULT_SSL_POLICY, SSL_POLICIES
from tidegate.fleet.balancing import (
    EdgeCertificate,
    EdgeDocument,
    EdgeListener,
    EdgeLoadBalancer,
    EdgeLog,
    EdgeLoginKeys,
    EdgeTls,
    EdgeTrustStore,
)


def edge_document(snapshot: Snapshot) -> EdgeDocument:
    """All load balancers with their listeners, and what these use of target groups, certificates and trust
    stores."""
    balancers = sorted(snapshot.all(LOAD_BALANCERS), key=lambda row: row.arn)
    edges = tuple(_load_balancer(snapshot, row) for row in balancers)
    listeners = [listener for edge in edges for listener in edge.listeners]
    groups = {arn for listener in listeners for arn in listener.target_groups}
    tls = [listener.tls for listener in listeners if listener.tls is not None]
    certificates = {arn for one in tls for arn in one.certificates}
    stores = {one.trust_store_arn for one in tls if one.trust_store_arn is not None}
    return EdgeDocument(
        generation=snapshot.revision,
        load_balancers=edges,
        target_groups=tuple(arn for arn in sorted(groups) if snapshot.get(TARGET_GROUPS, arn) is not None),
        certificates=tuple(_certificates(snapshot, certificates)),
        trust_stores=tuple(_trust_stores(snapshot, stores)),
        authority_pem=_authority(snapshot) if any(map(_asks_a_provider, listeners)) else "",
        login_keys=_login_keys(snapshot) if any(map(_asks_for_users, listeners)) else None,
    )


def _load_balancer(snapshot: Snapshot, row: LoadBalancer) -> EdgeLoadBalancer:
    def is_on(key: str) -> bool:
        return row.attribute(key) == "true"

    listeners = sorted(snapshot.by(LISTENERS, "load_balancer", row.arn), key=lambda one: one.port)
    return EdgeLoadBalancer(
        arn=row.arn,
        name=row.name,
        dns_name=row.dns_name,
        address=row.address,
        scheme=row.scheme,
        zones=tuple(zone.zone_name for zone in row.zones),
        ingress=ingress(snapshot, row),
        idle_timeout_seconds=int(row.attribute("idle_timeout.timeout_seconds")),
        client_keep_alive_seconds=int(row.attribute("client_keep_alive.seconds")),
        speaks_http2=is_on("routing.http2.enabled"),
        desync_mitigation_mode=row.attribute("routing.http.desync_mitigation_mode"),
        drops_invalid_headers=is_on("routing.http.drop_invalid_header_fields.enabled"),
        preserves_host=is_on("routing.http.preserve_host_header.enabled"),
        adds_tls_headers=is_on("routing.http.x_amzn_tls_version_and_cipher_suite.enabled"),
        xff_mode=row.attribute("routing.http.xff_header_processing.mode"),
        xff_has_client_port=is_on("routing.http.xff_client_port.enabled"),
        logs=tuple(_logs(row)),
        listeners=tuple(_listener(snapshot, listener) for listener in listeners),
    )


def _asks_a_provider(listener: EdgeListener) -> bool:
    return any(rule.authentication or rule.token_validation for rule in listener.rules)


def _asks_for_users(listener: EdgeListener) -> bool:
    return any(rule.authentication for rule in listener.rules)


def _login_keys(snapshot: Snapshot) -> EdgeLoginKeys | None:
    for row in snapshot.all(LOGIN_KEYS):
        return EdgeLoginKeys(secret=row.secret, key_id=row.key_id, signing_key_pem=row.signing_key_pem)
    return None


def _authority(snapshot: Snapshot) -> str:
    return _joined(*(row.certificate_pem for row in snapshot.all(CERTIFICATE_AUTHORITIES)))


def _logs(row: LoadBalancer) -> Iterable[EdgeLog]:
    for name in LOGS:
        if row.attribute(f"{name}.s3.enabled") == "true":
            yield EdgeLog(
                kind=name.removesuffix("_logs"),
                bucket=row.attribute(f"{name}.s3.bucket"),
                prefix=row.attribute(f"{name}.s3.prefix"),
            )


def _listener(snapshot: Snapshot, row: Listener) -> EdgeListener:
    rules = sorted(snapshot.by(RULES, "listener", row.arn), key=lambda rule: rule.priority or 0)
    return EdgeListener(
        arn=row.arn,
        port=row.port,
        protocol=row.protocol,
        rules=tuple(edge_rule(rule) for rule in (*rules, row.default_rule)),
        tls=_tls(row),
        request_header_names=_chosen(row, REQUEST_HEADERS),
        response_headers=_chosen(row, RESPONSE_HEADERS),
        names_server=row.attribute("routing.http.response.server.enabled") == "true",
    )


def _chosen(row: Listener, headers: Mapping[str, str]) -> dict[str, str]:
    """What the listener's attributes set, by the usual names of the headers."""
    return {headers[key]: value for key, value in sorted(row.attributes.items()) if key in headers}


def _tls(row: Listener) -> EdgeTls | None:
    if row.protocol != "HTTPS":
        return None
    policy = SSL_POLICIES[row.ssl_policy or DEFAULT_SSL_POLICY]
    mutual = row.mutual_authentication or MutualAuthentication()
    return EdgeTls(
        # The default certificate may be in the list too.
        certificates=tuple(dict.fromkeys(row.certificate_arns)),
        policy=policy.name,
        protocols=policy.protocols,
        ciphers=policy.ciphers,
        client_certificates=mutual.mode,
        trust_store_arn=mutual.trust_store_arn,
        ignores_client_certificate_expiry=mutual.ignore_client_certificate_expiry,
        advertises_ca_names=mutual.advertise_trust_store_ca_names,
    )


def _certificates(snapshot: Snapshot, arns: Iterable[str]) -> Iterable[EdgeCertificate]:
    for arn in sorted(arns):
        row = snapshot.get(CERTIFICATES, arn)
        if row is not None:
            yield EdgeCertificate(arn=arn, pem=_pem(row), names=row.names)


def _pem(row: Certificate) -> str:
    """In HAProxy's order: the certificate, its issuers, the key."""
    return _joined(row.certificate_pem, row.chain_pem, row.private_key_pem)


def _trust_stores(snapshot: Snapshot, arns: Iterable[str]) -> Iterable[EdgeTrustStore]:
    for arn in sorted(arns):
        row = snapshot.get(TRUST_STORES, arn)
        if row is not None:
            yield EdgeTrustStore(arn=arn, ca_pem=_joined(row.ca_pem), crl_pem=_lists(row))


def _lists(row: TrustStore) -> str:
    return _joined(*(revocation.crl_pem for revocation in row.revocations))


def _joined(*parts: str) -> str:
    return "".join(f"{part.strip()}\n" for part in parts if part.strip())
