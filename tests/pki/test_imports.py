"""What may be imported, and what is told to those whose certificate may not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import AuthorityInformationAccessOID

from tidegate.control.pki.imports import imported_certificate
from tidegate.control.pki.results import KeyedCertificate, UnusableCertificateError
from tidegate.testing.certificates import MadeCertificate, a_certificate, a_key, an_authority
from tidegate.testing.clock import EPOCH

ROOT = an_authority("Root")
MIDDLE = an_authority("Middle", issuer=ROOT)
LEAF = a_certificate("example.com", issuer=MIDDLE)
ALONE = a_certificate("example.com")


def _import(made: MadeCertificate = ALONE, **changed: Any) -> KeyedCertificate:
    given = {"certificate": made.pem, "private_key": made.key_pem, "chain": None, "now": EPOCH, **changed}
    return imported_certificate(**given)


def _refuses(message: str) -> Any:
    return pytest.raises(UnusableCertificateError, match=message)


def test_a_self_signed_certificate_needs_no_chain() -> None:
    given = _import(ALONE)
    assert given.certificate_pem.encode() == ALONE.pem
    assert given.chain_pem == ""
    key = load_pem_private_key(given.private_key_pem.encode(), None)
    assert key.public_key() == ALONE.key.public_key()


def test_a_certificate_that_only_says_it_is_self_signed_is_refused() -> None:
    other = an_authority("example.com")
    pretending = a_certificate("example.com", issuer=other)
    with _refuses("not a valid self signed. Please provide either a valid self-signed certificate or"):
        _import(pretending)
    assert _import(pretending, chain=other.pem).chain_pem.encode() == other.pem


def test_a_chain_goes_from_the_issuer_upwards_and_need_not_reach_the_root() -> None:
    assert _import(LEAF, chain=MIDDLE.pem).chain_pem.encode() == MIDDLE.pem
    whole = _import(LEAF, chain=MIDDLE.pem + ROOT.pem)
    assert whole.chain_pem.encode() == MIDDLE.pem + ROOT.pem
    assert _import(LEAF).chain_pem == ""


def test_what_stands_around_the_pem_blocks_is_dropped() -> None:
    given = _import(ALONE, certificate=b"subject=/CN=example.com\n" + ALONE.pem + b"\n\n")
    assert given.certificate_pem.encode() == ALONE.pem


@pytest.mark.parametrize(
    "key",
    [
        rsa.generate_private_key(65537, 1024),
        rsa.generate_private_key(65537, 2048),
        a_key(ec.SECP256R1()),
        a_key(ec.SECP384R1()),
        a_key(ec.SECP521R1()),
    ],
    ids=["RSA_1024", "RSA_2048", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"],
)
def test_the_key_algorithm_is_named_as_acm_names_it(key: Any, request: pytest.FixtureRequest) -> None:
    name = request.node.callspec.id
    assert _import(a_certificate("example.com", key=key)).facts.key_algorithm == name


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (rsa.generate_private_key(65537, 1536), "The private key length 1536 is not supported"),
        (a_key(ec.SECP256K1()), "The private key length 256 is not supported"),
        (ed25519.Ed25519PrivateKey.generate(), "The private key is not supported"),
    ],
)
def test_a_key_of_another_kind_or_length_is_refused(key: Any, message: str) -> None:
    with _refuses(message):
        _import(a_certificate("example.com", key=key))


def test_a_key_must_be_plain_small_and_the_certificates_own() -> None:
    with _refuses("not supported"):
        _import(private_key=ALONE.encrypted_key_pem)
    with _refuses("not supported"):
        _import(private_key=b"-----BEGIN PRIVATE KEY-----\nno\n-----END PRIVATE KEY-----\n")
    with _refuses("no larger than 5 KB"):
        _import(private_key=ALONE.key_pem + b"#" * 5120)
    with _refuses("does not match"):
        _import(private_key=LEAF.key_pem)


def test_the_body_is_one_certificate_in_pem() -> None:
    with _refuses("not in a valid PEM format"):
        _import(certificate=b"no certificate")
    with _refuses("more than one certificate"):
        _import(LEAF, certificate=LEAF.pem + MIDDLE.pem)
    with _refuses("Unable to parse certificate"):
        _import(certificate=b"-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n")
    with _refuses("not in a valid PEM format"):
        _import(certificate=ALONE.key_pem)


def test_only_a_certificate_in_effect_is_taken() -> None:
    day = timedelta(days=1)
    with _refuses("The certificate has expired"):
        _import(a_certificate("example.com", ends=EPOCH - timedelta(seconds=1)))
    with _refuses("The certificate is not in effect yet"):
        _import(a_certificate("example.com", begins=EPOCH + day))
    old = a_certificate(common_name="Old", is_ca=True, ends=EPOCH - timedelta(seconds=1))
    with _refuses("The certificate chain has expired"):
        _import(a_certificate("example.com", issuer=old), chain=old.pem)


def test_a_chain_that_did_not_issue_the_certificate_is_refused() -> None:
    with _refuses("Could not validate the certificate with the certificate chain"):
        _import(LEAF, chain=ROOT.pem)
    # The right name is not enough.
    with _refuses("Could not validate the certificate with the certificate chain"):
        _import(LEAF, chain=an_authority("Middle").pem)
    with _refuses("The certificate chain provided is not in a valid PEM format"):
        _import(LEAF, chain=b"nothing")


def test_a_chain_in_the_wrong_order_is_told_where() -> None:
    with _refuses("must start with the immediate signing certificate.* is: 0"):
        _import(LEAF, chain=LEAF.pem + MIDDLE.pem)
    with _refuses(r"must start with the immediate signing certificate.* is: 1"):
        _import(LEAF, chain=MIDDLE.pem + an_authority("Root").pem)


def test_the_issuer_must_be_named() -> None:
    with _refuses("issuer of the certificate must not be empty"):
        _import(a_certificate("example.com", common_name=""))


def test_an_ocsp_url_has_its_limit() -> None:
    def with_url(length: int) -> MadeCertificate:
        url = x509.UniformResourceIdentifier("http://o/".ljust(length, "x"))
        access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, url)
        return a_certificate("example.com", extensions=[(x509.AuthorityInformationAccess([access]), False)])

    assert _import(with_url(1000)).certificate_pem
    with _refuses("OCSP authority URL must not exceed 1000 characters"):
        _import(with_url(1001))
