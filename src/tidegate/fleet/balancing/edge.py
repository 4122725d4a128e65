"""The document of the edge: load balancers, listeners, certificates. A change of it may cost a reload."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tidegate.fleet.balancing.rules import EdgeRule


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeCertificate:
    """`pem`: certificate, chain and private key, as HAProxy reads them. `names`: those it is good for."""

    arn: str
    pem: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeTrustStore:
    """`ca_pem`: the bundle; `crl_pem`: revocation lists, empty when there are none."""

    arn: str
    ca_pem: str
    crl_pem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeTls:
    """`certificates`: ARNs, the default first. `protocols` as in `TLSv1.2`, `ciphers` in OpenSSL's names and
    order. `client_certificates`: off, passthrough or verify."""

    certificates: tuple[str, ...]
    policy: str
    protocols: tuple[str, ...]
    ciphers: tuple[str, ...]
    client_certificates: str = "off"
    trust_store_arn: str | None = None
    ignores_client_certificate_expiry: bool = False
    advertises_ca_names: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeListener:
    """`rules` by priority, the default rule last. `request_header_names`: the names that were chosen for
    X-Amzn-Mtls-* and X-Amzn-Tls-*, by their usual ones; `response_headers`: set on every answer."""

    arn: str
    port: int
    protocol: str
    rules: tuple[EdgeRule, ...]
    tls: EdgeTls | None = None
    request_header_names: Mapping[str, str] = field(default_factory=dict)
    response_headers: Mapping[str, str] = field(default_factory=dict)
    names_server: bool = True

    @property
    def target_groups(self) -> frozenset[str]:
        return frozenset(arn for rule in self.rules for arn, _ in rule.action.target_groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeIngress:
    """What a security group lets in: TCP ports from `from_port` to `to_port`, from these CIDRs."""

    from_port: int
    to_port: int
    cidrs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeLog:
    """`kind`: access, connection or health_check."""

    kind: str
    bucket: str
    prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeLoadBalancer:
    """Attributes as AWS has them; `xff_mode`: append, preserve or remove. `ingress` None: no security
    group is asked."""

    arn: str
    name: str
    dns_name: str
    address: str
    scheme: str = "internet-facing"
    zones: tuple[str, ...] = ()
    ingress: tuple[EdgeIngress, ...] | None = None
    idle_timeout_seconds: int = 60
    client_keep_alive_seconds: int = 3600
    speaks_http2: bool = True
    desync_mitigation_mode: str = "defensive"
    drops_invalid_headers: bool = False
    preserves_host: bool = False
    adds_tls_headers: bool = False
    xff_mode: str = "append"
    xff_has_client_port: bool = False
    logs: tuple[EdgeLog, ...] = ()
    listeners: tuple[EdgeListener, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeLoginKeys:
    """Of the region: balancers share them, so that each takes the sessions that another began. `secret`: what
    sessions and logins are sealed with; the other signs what targets are told of users."""

    secret: str = field(repr=False)
    key_id: str
    signing_key_pem: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeDocument:
    """Everything that a change of listeners touches. Groups that are not in `target_groups` are gone.
    `authority_pem`: the installation's own authority, which identity providers may have their certificates
    from, and `login_keys`; empty when no rule asks one."""

    generation: int
    load_balancers: tuple[EdgeLoadBalancer, ...] = ()
    target_groups: tuple[str, ...] = ()
    certificates: tuple[EdgeCertificate, ...] = ()
    trust_stores: tuple[EdgeTrustStore, ...] = ()
    authority_pem: str = ""
    login_keys: EdgeLoginKeys | None = None
