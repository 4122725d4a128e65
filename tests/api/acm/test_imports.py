"""ImportCertificate through boto3; tests/pki has the rules of what may be imported."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from tidegate.control.api.acm import imports
from tidegate.control.store import Transaction
from tidegate.control.store.tables import CERTIFICATES
from tidegate.domain.acm import Certificate
from tidegate.testing.api import Api
from tidegate.testing.certificates import a_certificate, a_key, an_authority
from tidegate.testing.clock import EPOCH, FakeClock

Import = Callable[..., str]
Describe = Callable[[str], dict[str, Any]]


def test_an_imported_certificate_is_described_as_what_it_is(import_one: Import, describe: Describe) -> None:
    root = an_authority("My CA")
    made = a_certificate("example.com", "*.example.com", issuer=root)
    found = describe(import_one(made, CertificateChain=root.pem))
    assert found["Status"] == "ISSUED"
    assert found["Type"] == "IMPORTED"
    assert found["CertificateKeyPairOrigin"] == "CUSTOMER_PROVIDED"
    assert found["DomainName"] == "example.com"
    assert found["SubjectAlternativeNames"] == ["example.com", "*.example.com"]
    assert found["Issuer"] == "My CA"
    assert found["KeyAlgorithm"] == "EC_prime256v1"
    assert found["NotBefore"] == made.certificate.not_valid_before_utc
    assert found["NotAfter"] == made.certificate.not_valid_after_utc
    assert found["CreatedAt"] == found["ImportedAt"] == EPOCH
    assert found["Options"] == {"CertificateTransparencyLoggingPreference": "DISABLED", "Export": "DISABLED"}
    assert found["RenewalEligibility"] == "INELIGIBLE"
    # Terraform takes these two for signs of a requested certificate.
    assert "DomainValidationOptions" not in found
    assert "IssuedAt" not in found


def test_what_was_imported_is_given_back_without_the_key(client: Any, import_one: Import) -> None:
    root = an_authority()
    made = a_certificate("example.com", issuer=root)
    found = client.get_certificate(CertificateArn=import_one(made, CertificateChain=root.pem))
    assert found["Certificate"].encode() == made.pem
    assert found["CertificateChain"].encode() == root.pem
    alone = client.get_certificate(CertificateArn=import_one())
    assert "CertificateChain" not in alone
    assert "PrivateKey" not in alone


def test_a_bad_certificate_changes_nothing(import_one: Import, refused: Any, api: Api) -> None:
    with refused("ValidationException", "The private key does not match the certificate"):
        import_one(PrivateKey=a_certificate("example.com").key_pem)
    with refused("ValidationException", "not in a valid PEM format"):
        import_one(Certificate=b"nonsense")
    assert api.context.store.snapshot.count(CERTIFICATES) == 0


def test_a_re_import_keeps_the_arn_the_tags_and_the_creation_time(
    client: Any, import_one: Import, describe: Describe, clock: FakeClock
) -> None:
    arn = import_one(Tags=[{"Key": "a", "Value": "1"}])
    clock.advance(60)
    after = a_certificate("example.com", "www.example.com")
    assert import_one(after, CertificateArn=arn) == arn
    found = describe(arn)
    assert found["SubjectAlternativeNames"] == ["example.com", "www.example.com"]
    assert found["CreatedAt"] == EPOCH
    assert found["ImportedAt"] == clock.now()
    assert client.get_certificate(CertificateArn=arn)["Certificate"].encode() == after.pem
    assert client.list_tags_for_certificate(CertificateArn=arn)["Tags"] == [{"Key": "a", "Value": "1"}]


def test_a_re_import_keeps_key_type_and_usages_and_carries_no_tags(
    import_one: Import, refused: Any, row_of: Callable[[str], Certificate]
) -> None:
    usages = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    arn = import_one(a_certificate("example.com", extensions=[(usages, False)]))
    before = row_of(arn)
    with refused("ValidationException", "Tagging is not permitted on re-import"):
        import_one(CertificateArn=arn, Tags=[{"Key": "a", "Value": "1"}])
    with refused("ValidationException", "key algorithm EC_secp384r1 differs"):
        import_one(a_certificate("example.com", key=a_key(ec.SECP384R1())), CertificateArn=arn)
    with refused("ValidationException", "must keep the key usages 1.3.6.1.5.5.7.3.2"):
        fewer = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        import_one(a_certificate("example.com", extensions=[(fewer, False)]), CertificateArn=arn)
    assert row_of(arn) == before


def test_a_re_import_keeps_a_domain_name(import_one: Import, refused: Any) -> None:
    arn = import_one()
    nameless = a_certificate(common_name="", issuer=an_authority())
    with refused("ValidationException", "at least one domain name"):
        import_one(nameless, CertificateArn=arn)


def test_only_an_imported_certificate_that_exists_is_replaced(
    import_one: Import, request_one: Callable[..., str], refused: Any
) -> None:
    with refused("ValidationException", "was not imported"):
        import_one(CertificateArn=request_one())
    missing = "arn:aws:acm:us-east-1:000000000000:certificate/12345678-1234-1234-1234-123456789012"
    with refused("ResourceNotFoundException", f"Could not find certificate {missing}"):
        import_one(CertificateArn=missing)


def test_the_number_of_certificates_has_its_quota(
    api: Api, import_one: Import, row_of: Callable[[str], Certificate], refused: Any
) -> None:
    row = row_of(import_one())

    def fill(tx: Transaction) -> None:
        for number in range(imports.CERTIFICATES_MAX - 2):
            tx.put(CERTIFICATES, replace(row, arn=f"{row.arn}{number}"))

    asyncio.run(api.context.store.transact(fill))
    import_one()
    with refused("LimitExceededException", "maximum number of certificates"):
        import_one()
