"""HTTPS listeners: certificates, policies, mutual TLS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[..., str]

OLD_POLICY = "ELBSecurityPolicy-2016-08"
POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
ANSWER = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}


@pytest.fixture
def create(client: Any, balancer: str, make_certificate: Make) -> Callable[..., dict[str, Any]]:
    """Creates an HTTPS listener and describes it."""
    certificate = make_certificate()

    def create(port: int = 443, **members: Any) -> dict[str, Any]:
        given = {"Certificates": [{"CertificateArn": certificate}], "DefaultActions": [ANSWER], **members}
        created = client.create_listener(LoadBalancerArn=balancer, Port=port, Protocol="HTTPS", **given)
        described: dict[str, Any] = created["Listeners"][0]
        return described

    return create


def _described(client: Any, arn: str) -> dict[str, Any]:
    (found,) = client.describe_listeners(ListenerArns=[arn])["Listeners"]
    described: dict[str, Any] = found
    return described


def test_an_https_listener_shows_its_default_certificate_and_every_default(
    client: Any, create: Any, make_certificate: Make
) -> None:
    created = create()
    assert created["Protocol"] == "HTTPS"
    assert created["Certificates"] == [{"CertificateArn": make_certificate()}]
    assert created["SslPolicy"] == OLD_POLICY
    assert created["MutualAuthentication"] == {"Mode": "off"}
    assert _described(client, created["ListenerArn"]) == created


def test_the_same_again_is_the_same_listener(create: Any, refused: Any) -> None:
    created = create(SslPolicy=POLICY)
    assert create(SslPolicy=POLICY) == created
    with refused("DuplicateListener"):
        create(SslPolicy=OLD_POLICY)


ACM = "arn:aws:acm:us-east-1:000000000000:certificate/none"


@pytest.mark.parametrize(
    ("members", "code", "text"),
    [
        ({"Certificates": []}, "ValidationError", "A certificate must be specified for HTTPS listeners"),
        (
            {"Certificates": [{"CertificateArn": ACM}] * 2},
            "ValidationError",
            "Up to '1' certificate ARNs can be specified, but '2' were specified",
        ),
        (
            {"Certificates": [{"CertificateArn": ACM, "IsDefault": True}]},
            "ValidationError",
            "You cannot set the isDefault parameter for a certificate.",
        ),
        (
            {"Certificates": [{"CertificateArn": "arn:x"}]},
            "ValidationError",
            "Certificate ARN 'arn:x' is not valid",
        ),
        (
            {"Certificates": [{"CertificateArn": ACM.replace("us-east-1", "eu-west-1")}]},
            "ValidationError",
            "Certificate ARN '.*eu-west-1.*' is not valid",
        ),
        (
            {"Certificates": [{"CertificateArn": ACM}]},
            "CertificateNotFound",
            f"Certificate '{ACM}' not found",
        ),
        (
            {"Certificates": [{"CertificateArn": "arn:aws:iam::000000000000:server-certificate/old"}]},
            "CertificateNotFound",
            "Certificate '.*' not found",
        ),
        ({"SslPolicy": "strong"}, "SSLPolicyNotFound", "SSL policy 'strong' not found"),
        ({"AlpnPolicy": ["HTTP2Only"]}, "ValidationError", "You cannot set ALPN policy on load balancers"),
    ],
)
def test_bad_tls_settings_are_refused_in_awss_words(
    create: Any, refused: Any, members: dict[str, Any], code: str, text: str
) -> None:
    with refused(code, text):
        create(**members)


@pytest.mark.parametrize(
    "members",
    [{"status": "PENDING_VALIDATION"}, {"domain_name": ""}, {"key_algorithm": "RSA_1024"}],
    ids=["pending", "nameless", "short key"],
)
def test_a_certificate_that_no_client_would_take_is_refused(
    create: Any, refused: Any, make_certificate: Make, members: dict[str, str]
) -> None:
    arn = make_certificate("other.example.com", **members)
    with refused("UnsupportedCertificate", "must have a fully-qualified domain name, a supported signature"):
        create(Certificates=[{"CertificateArn": arn}])


@pytest.mark.parametrize("algorithm", ["RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1"])
def test_rsa_and_elliptic_keys_are_served(create: Any, make_certificate: Make, algorithm: str) -> None:
    arn = make_certificate("other.example.com", key_algorithm=algorithm)
    assert create(Certificates=[{"CertificateArn": arn}])["Certificates"] == [{"CertificateArn": arn}]


def test_policies_for_governments_do_not_mix_with_others_on_a_load_balancer(
    client: Any, create: Any, refused: Any
) -> None:
    fips = "ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04"
    listener = create(443, SslPolicy=fips)["ListenerArn"]
    with refused("InvalidConfigurationRequest", "FIPS"):
        create(8443, SslPolicy=POLICY)
    client.modify_listener(ListenerArn=listener, SslPolicy=POLICY)
    with refused("InvalidConfigurationRequest", "FIPS"):
        create(8443, SslPolicy=fips)


def test_a_change_replaces_the_default_certificate_and_leaves_the_list(
    client: Any, create: Any, make_certificate: Make
) -> None:
    listener = create(SslPolicy=POLICY)["ListenerArn"]
    listed, next_one = make_certificate("listed.example.com"), make_certificate("next.example.com")
    client.add_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": listed}])
    changed = client.modify_listener(ListenerArn=listener, Certificates=[{"CertificateArn": next_one}])
    assert changed["Listeners"][0]["Certificates"] == [{"CertificateArn": next_one}]
    assert changed["Listeners"][0]["SslPolicy"] == POLICY
    found = client.describe_listener_certificates(ListenerArn=listener)["Certificates"]
    assert [one["CertificateArn"] for one in found] == [next_one, listed]


def test_http_drops_tls_and_https_asks_for_it_again(
    client: Any, create: Any, refused: Any, make_certificate: Make
) -> None:
    listener = create(SslPolicy=POLICY)["ListenerArn"]
    header = {"Key": "routing.http.request.x_amzn_tls_version.header_name", "Value": "X-Tls"}
    client.modify_listener_attributes(ListenerArn=listener, Attributes=[header])
    client.modify_listener(ListenerArn=listener, Protocol="HTTP")
    described = _described(client, listener)
    assert not {"Certificates", "SslPolicy", "MutualAuthentication"} & set(described)
    with refused("ValidationError", "A certificate must be specified for HTTPS listeners"):
        client.modify_listener(ListenerArn=listener, Protocol="HTTPS")
    client.modify_listener(
        ListenerArn=listener, Protocol="HTTPS", Certificates=[{"CertificateArn": make_certificate()}]
    )
    assert _described(client, listener)["SslPolicy"] == OLD_POLICY
    read = client.describe_listener_attributes(ListenerArn=listener)["Attributes"]
    assert {one["Key"]: one["Value"] for one in read}[header["Key"]] == "X-Amzn-Tls-Version"


def test_a_listener_becomes_secure_only_if_its_rules_can(
    client: Any, refused: Any, listener: str, make_rule: Make, make_certificate: Make
) -> None:
    redirect = {"StatusCode": "HTTP_301", "Protocol": "HTTP", "Port": "8080"}
    make_rule(Actions=[{"Type": "redirect", "RedirectConfig": redirect}])
    with refused("InvalidLoadBalancerAction", "You cannot redirect HTTPS to HTTP."):
        client.modify_listener(
            ListenerArn=listener,
            Protocol="HTTPS",
            Certificates=[{"CertificateArn": make_certificate()}],
        )
    assert _described(client, listener)["Protocol"] == "HTTP"


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"TrustStoreArn": "x"}, "Mutual Authentication mode required not found"),
        ({"Mode": "on"}, "Mutual Authentication mode required not found"),
        ({"Mode": "verify"}, "Mutual Authentication mode verify requires a trust store arn"),
        ({"Mode": "verify", "TrustStoreArn": "x"}, "'x' is not a valid trust store ARN"),
        (
            {"Mode": "passthrough", "IgnoreClientCertificateExpiry": True},
            "Mutual Authentication mode passthrough does not support ignoring client certificate expiry",
        ),
        (
            {"Mode": "off", "AdvertiseTrustStoreCaNames": "on"},
            "Mutual Authentication mode off does not support advertise trust store ca names",
        ),
        (
            {"Mode": "passthrough", "TrustStoreArn": "x"},
            "Mutual Authentication mode passthrough does not support trust store arn",
        ),
    ],
)
def test_mutual_tls_that_contradicts_itself_is_refused(
    create: Any, refused: Any, settings: dict[str, Any], text: str
) -> None:
    with refused("ValidationError", text):
        create(MutualAuthentication=settings)


def test_mutual_tls_is_verified_against_a_trust_store_that_is_ready(
    client: Any, create: Any, refused: Any, make_trust_store: Make
) -> None:
    store = make_trust_store()
    shown = {
        "Mode": "verify",
        "TrustStoreArn": store,
        "IgnoreClientCertificateExpiry": False,
        "TrustStoreAssociationStatus": "active",
        "AdvertiseTrustStoreCaNames": "on",
    }
    settings = {"Mode": "verify", "TrustStoreArn": store, "AdvertiseTrustStoreCaNames": "on"}
    created = create(MutualAuthentication=settings)
    assert created["MutualAuthentication"] == shown
    client.modify_listener(ListenerArn=created["ListenerArn"], SslPolicy=POLICY)
    assert _described(client, created["ListenerArn"])["MutualAuthentication"] == shown
    off = client.modify_listener(ListenerArn=created["ListenerArn"], MutualAuthentication={"Mode": "off"})
    assert off["Listeners"][0]["MutualAuthentication"] == {"Mode": "off"}
    with refused("TrustStoreNotReady"):
        new = make_trust_store("new", status="CREATING")
        create(8443, MutualAuthentication={"Mode": "verify", "TrustStoreArn": new})
    with refused("TrustStoreNotFound"):
        gone = store.replace("partners", "gone")
        create(8443, MutualAuthentication={"Mode": "verify", "TrustStoreArn": gone})


def test_two_listeners_of_a_load_balancer_verify_and_any_number_pass_through(
    create: Any, refused: Any, make_trust_store: Make, balancer: str
) -> None:
    settings = {"Mode": "verify", "TrustStoreArn": make_trust_store()}
    create(443, MutualAuthentication=settings)
    create(444, MutualAuthentication=settings)
    create(445, MutualAuthentication={"Mode": "passthrough"})
    with refused("ValidationError", f"you can associate with load balancer '{balancer}': .2."):
        create(446, MutualAuthentication=settings)


def test_filters_of_client_identities_are_refused_by_name(
    create: Any, refused: Any, make_trust_store: Make
) -> None:
    settings = {
        "Mode": "verify",
        "TrustStoreArn": make_trust_store(),
        "ClientCertificateIdentityFilters": [
            {"Field": "subject-cn", "Action": "accept", "MatchType": "exact", "Value": "shop"}
        ],
    }
    with refused("InvalidConfigurationRequest", "is not supported by Tidegate"):
        create(MutualAuthentication=settings)
