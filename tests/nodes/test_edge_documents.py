"""What balancers are told of load balancers, listeners and what these use."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tidegate.control.nodes.balancer_documents import edge_document
from tidegate.control.store import Store
from tidegate.domain.acm import CertificateAuthority
from tidegate.domain.elbv2 import (
    Action,
    AuthenticateCognitoConfig,
    JwtValidationConfig,
    LoginKeys,
    LoginSession,
    MutualAuthentication,
    Revocation,
    TrustStore,
)
from tidegate.fleet.balancing import (
    EdgeCertificate,
    EdgeDocument,
    EdgeIngress,
    EdgeListener,
    EdgeLoadBalancer,
    EdgeLog,
    EdgeLoginKeys,
    EdgeTls,
    EdgeTrustStore,
)
from tidegate.testing.builders import ARNS, BEFORE, GROUP_ARN, a_group
from tidegate.testing.load_balancers import (
    a_certificate,
    a_listener,
    a_load_balancer,
    a_rule,
    a_security_group,
    forward_to,
    permits,
)

OTHER_GROUP = ARNS.target_group("other", "fedcba9876543210")
STORE = TrustStore(
    arn="arn:aws:elasticloadbalancing:us-east-1:000000000000:truststore/partners/1",
    name="partners",
    status="ACTIVE",
    ca_pem="the authorities\n\n",
    revocations=(Revocation(id=1, crl_pem="the first list"), Revocation(id=2, crl_pem="the second list\n")),
)


async def told(store: Store, put: Any, *rows: object) -> EdgeDocument:
    await put(*rows)
    return edge_document(store.snapshot)


async def only_listener(store: Store, put: Any, *rows: object) -> EdgeListener:
    (edge,) = (await told(store, put, a_load_balancer(), *rows)).load_balancers
    (listener,) = edge.listeners
    return listener


async def only_balancer(store: Store, put: Any, **attributes: str) -> EdgeLoadBalancer:
    keyed = {key.replace("__", "."): value for key, value in attributes.items()}
    (edge,) = (await told(store, put, a_load_balancer(attributes=keyed))).load_balancers
    return edge


async def test_a_load_balancer_is_told_with_every_default(store: Store, put: Any) -> None:
    assert await only_balancer(store, put) == EdgeLoadBalancer(
        arn=a_load_balancer().arn,
        name="web",
        dns_name="web-1.us-east-1.elb.localhost",
        address="127.80.2.1",
        scheme="internet-facing",
        zones=("us-east-1a", "us-east-1b"),
        ingress=None,
        idle_timeout_seconds=60,
        client_keep_alive_seconds=3600,
        speaks_http2=True,
        desync_mitigation_mode="defensive",
        drops_invalid_headers=False,
        preserves_host=False,
        adds_tls_headers=False,
        xff_mode="append",
        xff_has_client_port=False,
        logs=(),
        listeners=(),
    )


async def test_attributes_that_touch_requests_are_told(store: Store, put: Any) -> None:
    attributes = {
        "idle_timeout.timeout_seconds": "30",
        "client_keep_alive.seconds": "60",
        "routing.http2.enabled": "false",
        "routing.http.desync_mitigation_mode": "strictest",
        "routing.http.drop_invalid_header_fields.enabled": "true",
        "routing.http.preserve_host_header.enabled": "true",
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "true",
        "routing.http.xff_header_processing.mode": "preserve",
        "routing.http.xff_client_port.enabled": "true",
    }
    before = await only_balancer(store, put)
    assert await only_balancer(store, put, **attributes) == replace(
        before,
        idle_timeout_seconds=30,
        client_keep_alive_seconds=60,
        speaks_http2=False,
        desync_mitigation_mode="strictest",
        drops_invalid_headers=True,
        preserves_host=True,
        adds_tls_headers=True,
        xff_mode="preserve",
        xff_has_client_port=True,
    )


async def test_logs_are_told_when_they_are_on(store: Store, put: Any) -> None:
    attributes = {
        "access_logs.s3.enabled": "true",
        "access_logs.s3.bucket": "logs",
        "access_logs.s3.prefix": "shop",
        "connection_logs.s3.bucket": "logs",
        "health_check_logs.s3.enabled": "true",
        "health_check_logs.s3.bucket": "checks",
    }
    edge = await only_balancer(store, put, **attributes)
    assert edge.logs == (
        EdgeLog(kind="access", bucket="logs", prefix="shop"),
        EdgeLog(kind="health_check", bucket="checks"),
    )


async def test_what_security_groups_let_in_is_told(store: Store, put: Any) -> None:
    group = a_security_group("sg-1", permits("0.0.0.0/0", 80), permits("10.0.0.0/8", 80))
    document = await told(store, put, a_load_balancer(security_groups=("sg-1",)), group)
    (edge,) = document.load_balancers
    assert edge.ingress == (EdgeIngress(from_port=80, to_port=80, cidrs=("0.0.0.0/0", "10.0.0.0/8")),)


async def test_rules_are_told_by_priority_the_default_rule_last(store: Store, put: Any) -> None:
    listener = await only_listener(store, put, a_listener(), a_rule(9), a_rule(100), a_rule(10))
    assert [rule.priority for rule in listener.rules] == [9, 10, 100, 0]
    assert listener.rules[-1].arn == a_listener().default_rule.arn


async def test_groups_that_only_rules_name_are_in_use(store: Store, put: Any) -> None:
    document = await told(
        store,
        put,
        a_load_balancer(),
        a_listener(),
        a_rule(1, forward_to(OTHER_GROUP)),
        a_group(),
        a_group(arn=OTHER_GROUP),
    )
    assert document.target_groups == tuple(sorted((GROUP_ARN, OTHER_GROUP)))


async def test_a_plain_listener_has_no_tls_and_names_the_server(store: Store, put: Any) -> None:
    listener = await only_listener(store, put, a_listener())
    assert (listener.tls, listener.names_server) == (None, True)
    assert (listener.request_header_names, listener.response_headers) == ({}, {})


async def test_headers_are_told_by_their_usual_names(store: Store, put: Any) -> None:
    attributes = {
        "routing.http.request.x_amzn_tls_version.header_name": "X-Tls",
        "routing.http.request.x_amzn_mtls_clientcert_serial_number.header_name": "X-Serial",
        "routing.http.response.strict_transport_security.header_value": "max-age=1",
        "routing.http.response.x_frame_options.header_value": "DENY",
        "routing.http.response.server.enabled": "false",
    }
    secure = a_listener(443, protocol="HTTPS", certificate_arns=(a_certificate().arn,), attributes=attributes)
    listener = await only_listener(store, put, secure)
    assert listener.request_header_names == {
        "X-Amzn-Tls-Version": "X-Tls",
        "X-Amzn-Mtls-Clientcert-Serial-Number": "X-Serial",
    }
    assert listener.response_headers == {
        "Strict-Transport-Security": "max-age=1",
        "X-Frame-Options": "DENY",
    }
    assert not listener.names_server


async def test_tls_is_told_with_the_policys_protocols_and_ciphers(store: Store, put: Any) -> None:
    first, second = a_certificate("a.example.com"), a_certificate("b.example.com")
    secure = a_listener(
        443,
        protocol="HTTPS",
        certificate_arns=(second.arn, first.arn, second.arn),
        ssl_policy="ELBSecurityPolicy-TLS13-1-3-2021-06",
    )
    listener = await only_listener(store, put, secure, first, second)
    assert listener.tls == EdgeTls(
        certificates=(second.arn, first.arn),
        policy="ELBSecurityPolicy-TLS13-1-3-2021-06",
        protocols=("TLSv1.3",),
        ciphers=("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"),
    )
    document = edge_document(store.snapshot)
    assert document.certificates == tuple(
        EdgeCertificate(
            arn=row.arn,
            pem=f"the certificate of {name}\nthe chain of {name}\nthe key of {name}\n",
            names=(name, f"*.{name}"),
        )
        for row, name in ((first, "a.example.com"), (second, "b.example.com"))
    )


async def test_certificates_that_no_listener_uses_stay_here(store: Store, put: Any) -> None:
    document = await told(store, put, a_load_balancer(), a_listener(), a_certificate(), STORE)
    assert (document.certificates, document.trust_stores) == ((), ())


async def test_a_listener_that_verifies_clients_brings_its_trust_store(store: Store, put: Any) -> None:
    mutual = MutualAuthentication(
        mode="verify",
        trust_store_arn=STORE.arn,
        ignore_client_certificate_expiry=True,
        advertise_trust_store_ca_names=True,
    )
    secure = a_listener(
        443, protocol="HTTPS", certificate_arns=(a_certificate().arn,), mutual_authentication=mutual
    )
    listener = await only_listener(store, put, secure, a_certificate(), STORE)
    assert listener.tls is not None
    assert listener.tls.client_certificates == "verify"
    assert listener.tls.trust_store_arn == STORE.arn
    assert listener.tls.ignores_client_certificate_expiry
    assert listener.tls.advertises_ca_names
    assert edge_document(store.snapshot).trust_stores == (
        EdgeTrustStore(
            arn=STORE.arn, ca_pem="the authorities\n", crl_pem="the first list\nthe second list\n"
        ),
    )


async def test_the_own_authority_is_told_where_a_provider_is_asked(store: Store, put: Any) -> None:
    authority = CertificateAuthority(
        name="local", certificate_pem="the root\n", private_key_pem="a secret", not_after=BEFORE
    )
    asks = JwtValidationConfig(jwks_endpoint="https://id.test/jwks", issuer="id")
    token = Action(type="jwt-validation", order=1, jwt_validation=asks)
    plain = await told(store, put, authority, a_load_balancer(), a_listener(80))
    assert plain.authority_pem == ""
    asking = await told(store, put, a_rule(1, token, forward_to(GROUP_ARN)))
    assert asking.authority_pem == "the root\n"


async def test_keys_of_sessions_are_told_where_users_are_asked_for(store: Store, put: Any) -> None:
    keys = LoginKeys(name="local", key_id="key", secret="a secret", signing_key_pem="PEM")
    users = AuthenticateCognitoConfig(
        user_pool_arn="arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_a",
        user_pool_client_id="shop",
        user_pool_domain="shop",
        session=LoginSession(),
    )
    asks = Action(type="authenticate-cognito", order=1, authenticate_cognito=users)
    assert (await told(store, put, keys, a_load_balancer(), a_listener(80))).login_keys is None
    edge = await told(store, put, a_rule(1, asks, forward_to(GROUP_ARN)))
    assert edge.login_keys == EdgeLoginKeys(secret="a secret", key_id="key", signing_key_pem="PEM")
    assert "a secret" not in repr(edge)
