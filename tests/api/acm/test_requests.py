"""RequestCertificate: issued at once, by an authority that is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store

from tidegate.control.store.tables import CERTIFICATE_AUTHORITIES, CERTIFICATES
from tidegate.domain.acm import Certificate
from tidegate.testing.api import Api
from tidegate.testing.clock import EPOCH, FakeClock

Request = Callable[..., str]
Describe = Callable[[str], dict[str, Any]]


def test_a_certificate_is_issued_when_the_call_returns(request_one: Request, describe: Describe) -> None:
    arn = request_one("Example.com", SubjectAlternativeNames=["*.example.com", "example.com"])
    assert arn.startswith("arn:aws:acm:us-east-1:000000000000:certificate/")
    found = describe(arn)
    assert found["Status"] == "ISSUED"
    assert found["Type"] == "AMAZON_ISSUED"
    assert found["DomainName"] == "example.com"
    assert found["SubjectAlternativeNames"] == ["example.com", "*.example.com"]
    assert found["Subject"] == "CN=example.com"
    assert found["Issuer"] == "Tidegate"
    assert found["KeyAlgorithm"] == "EC_prime256v1"
    assert found["SignatureAlgorithm"] == "SHA256WITHECDSA"
    assert found["KeyUsages"] == [{"Name": "DIGITAL_SIGNATURE"}]
    assert found["ExtendedKeyUsages"] == [
        {"Name": "TLS_WEB_SERVER_AUTHENTICATION", "OID": "1.3.6.1.5.5.7.3.1"}
    ]
    assert found["CreatedAt"] == found["IssuedAt"] == found["NotBefore"] == EPOCH
    assert found["NotAfter"] == EPOCH + timedelta(days=198)
    assert found["InUseBy"] == []
    assert found["RenewalEligibility"] == "INELIGIBLE"
    assert found["Options"] == {"CertificateTransparencyLoggingPreference": "ENABLED", "Export": "DISABLED"}
    assert "ImportedAt" not in found
    assert "RenewalSummary" not in found


def test_the_waiter_of_boto3_is_content_at_its_first_look(client: Any, request_one: Request) -> None:
    config = {"Delay": 60, "MaxAttempts": 1}
    arn = request_one(SubjectAlternativeNames=["www.example.com"])
    client.get_waiter("certificate_validated").wait(CertificateArn=arn, WaiterConfig=config)


def test_the_chain_is_the_root_that_vouches_for_it(client: Any, request_one: Request) -> None:
    found = client.get_certificate(CertificateArn=request_one())
    root = x509.load_pem_x509_certificate(found["CertificateChain"].encode())
    leaf = x509.load_pem_x509_certificate(found["Certificate"].encode())
    verifier = PolicyBuilder().store(Store([root])).time(EPOCH + timedelta(hours=1))
    verifier.build_server_verifier(x509.DNSName("example.com")).verify(leaf, [])


def test_all_certificates_come_from_one_authority(api: Api, client: Any, request_one: Request) -> None:
    chains = [
        client.get_certificate(CertificateArn=request_one(name))["CertificateChain"]
        for name in ("a.example", "b.example")
    ]
    (root,) = api.context.store.snapshot.all(CERTIFICATE_AUTHORITIES)
    assert chains == [root.certificate_pem] * 2


def test_the_default_key_is_rsa_of_2048_bits(client: Any, describe: Describe) -> None:
    arn = client.request_certificate(DomainName="example.com")["CertificateArn"]
    found = describe(arn)
    assert found["KeyAlgorithm"] == "RSA_2048"
    assert {"Name": "KEY_ENCIPHERMENT"} in found["KeyUsages"]


@pytest.mark.parametrize("key_algorithm", ["RSA_1024", "RSA_3072", "RSA_4096", "EC_secp521r1"])
def test_key_algorithms_that_acm_only_imports_are_not_issued(
    client: Any, refused: Any, key_algorithm: str
) -> None:
    with refused("ValidationException", f"{key_algorithm} is supported for imported certificates only"):
        client.request_certificate(DomainName="example.com", KeyAlgorithm=key_algorithm)


def test_dns_validation_names_a_record_for_each_domain(request_one: Request, describe: Describe) -> None:
    found = describe(request_one(SubjectAlternativeNames=["*.example.com", "www.example.org"]))
    by_name = {one["DomainName"]: one for one in found["DomainValidationOptions"]}
    assert list(by_name) == ["example.com", "*.example.com", "www.example.org"]
    for name, option in by_name.items():
        assert option["ValidationStatus"] == "SUCCESS"
        assert option["ValidationMethod"] == "DNS"
        assert option["ValidationDomain"] == name
        assert option["ResourceRecord"]["Type"] == "CNAME"
        assert option["ResourceRecord"]["Value"].endswith(".acm-validations.aws.")
        assert "ValidationEmails" not in option
    record = by_name["example.com"]["ResourceRecord"]
    assert record["Name"].endswith(".example.com.")
    # One record proves a domain and everything below it, so Terraform may create it once.
    assert by_name["*.example.com"]["ResourceRecord"] == record
    assert by_name["www.example.org"]["ResourceRecord"] != record


def test_the_record_of_a_domain_is_always_the_same(request_one: Request, describe: Describe) -> None:
    first, second = (describe(request_one())["DomainValidationOptions"] for _ in range(2))
    assert first == second


def test_mail_validation_names_the_five_mailboxes(request_one: Request, describe: Describe) -> None:
    options = [{"DomainName": "www.example.com", "ValidationDomain": "example.com"}]
    arn = request_one("www.example.com", ValidationMethod="EMAIL", DomainValidationOptions=options)
    (option,) = describe(arn)["DomainValidationOptions"]
    assert option["ValidationMethod"] == "EMAIL"
    assert option["ValidationDomain"] == "example.com"
    assert option["ValidationEmails"] == [
        f"{box}@example.com" for box in ("admin", "administrator", "hostmaster", "postmaster", "webmaster")
    ]
    assert "ResourceRecord" not in option


def test_mail_goes_to_the_domain_or_one_above_it(client: Any, refused: Any) -> None:
    for name, at in (("www.example.com", "ww.example.com"), ("other.example.com", "example.com")):
        with refused("InvalidDomainValidationOptionsException"):
            client.request_certificate(
                DomainName="www.example.com",
                DomainValidationOptions=[{"DomainName": name, "ValidationDomain": at}],
            )


def test_the_same_token_within_an_hour_is_the_same_request(request_one: Request, clock: FakeClock) -> None:
    first = request_one(IdempotencyToken="once")
    assert request_one(IdempotencyToken="once") == first
    assert request_one(IdempotencyToken="twice") != first
    clock.advance(3599)
    assert request_one(IdempotencyToken="once") == first
    clock.advance(1)
    assert request_one(IdempotencyToken="once") != first


def test_names_are_held_to_their_limits(client: Any, refused: Any, api: Api) -> None:
    with refused("ValidationException", "longer than 64 characters"):
        client.request_certificate(DomainName=f"{'a' * 53}.example.com")
    with refused("LimitExceededException", "Certificate has too many domains"):
        client.request_certificate(
            DomainName="example.com", SubjectAlternativeNames=[f"{n}.example.com" for n in range(100)]
        )
    with refused("ValidationException", "at 'domainName' failed to satisfy constraint"):
        client.request_certificate(DomainName="no_such.example.com")
    assert api.context.store.snapshot.count(CERTIFICATES) == 0


def test_a_long_name_may_be_an_alternative_one(request_one: Request, describe: Describe) -> None:
    long = f"{'a' * 60}.{'b' * 60}.example.com"
    assert describe(request_one(SubjectAlternativeNames=[long]))["SubjectAlternativeNames"][1] == long


@pytest.mark.parametrize(
    "more",
    [
        {"ValidationMethod": "HTTP"},
        {"ManagedBy": "CLOUDFRONT"},
        {"CertificateAuthorityArn": "arn:aws:acm-pca:us-east-1:000000000000:certificate-authority/1"},
        {"RootHierarchyType": "N2_AMAZON_MANAGED"},
        {"Options": {"Export": "ENABLED"}},
        {"Options": {"ValidationMethod": "DNS"}},
    ],
)
def test_what_is_not_served_is_refused_by_name(
    client: Any, refused: Any, api: Api, more: dict[str, Any]
) -> None:
    with refused("ValidationException", next(iter(more))):
        client.request_certificate(DomainName="example.com", **more)
    assert api.context.store.snapshot.count(CERTIFICATES) == 0


def test_the_key_is_kept_and_shown_nowhere(
    client: Any, request_one: Request, row_of: Callable[[str], Certificate]
) -> None:
    arn = request_one()
    key = row_of(arn).private_key_pem
    assert key.startswith("-----BEGIN PRIVATE KEY-----")
    secret = key.splitlines()[1]
    answers = [
        client.describe_certificate(CertificateArn=arn),
        client.get_certificate(CertificateArn=arn),
        client.list_certificates(Includes={"keyTypes": ["EC_prime256v1"]}),
    ]
    assert not any(secret in str(answer) or "PRIVATE" in str(answer) for answer in answers)
