"""The installation's authority issues what TLS clients that trust its root accept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store

from tidegate.control.pki.authority import issue, new_authority
from tidegate.control.pki.results import KeyedCertificate
from tidegate.domain.acm import CertificateAuthority
from tidegate.testing.clock import EPOCH

NOW = EPOCH + timedelta(hours=5)
AUTHORITY = new_authority("local", label="0a1b", serial=7, now=NOW)


def _issue(*names: str, key_algorithm: str = "EC_prime256v1") -> KeyedCertificate:
    return issue(AUTHORITY, names=names or ("example.com",), key_algorithm=key_algorithm, serial=9, now=NOW)


def _load(text: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(text.encode())


def _verifies(made: KeyedCertificate, authority: CertificateAuthority, name: str) -> bool:
    """Whether a strict client that trusts the root takes the certificate for a server of that name."""
    verifier = PolicyBuilder().store(Store([_load(authority.certificate_pem)])).time(NOW)
    try:
        verifier.build_server_verifier(x509.DNSName(name)).verify(_load(made.certificate_pem), [])
    except x509.verification.VerificationError:
        return False
    return True


@pytest.mark.parametrize("key_algorithm", ["RSA_2048", "EC_prime256v1", "EC_secp384r1"])
def test_a_client_that_trusts_the_root_trusts_every_name(key_algorithm: str) -> None:
    made = _issue("example.com", "*.example.com", key_algorithm=key_algorithm)
    assert made.facts.key_algorithm == key_algorithm
    assert _verifies(made, AUTHORITY, "example.com")
    assert _verifies(made, AUTHORITY, "www.example.com")
    assert not _verifies(made, AUTHORITY, "example.org")


def test_the_root_of_another_installation_does_not_vouch_for_it() -> None:
    other = new_authority("local", label="0a1b", serial=7, now=NOW)
    assert not _verifies(_issue(), other, "example.com")


def test_the_key_is_the_certificates_and_the_chain_is_the_root() -> None:
    made = _issue()
    key = load_pem_private_key(made.private_key_pem.encode(), None)
    assert key.public_key() == _load(made.certificate_pem).public_key()
    assert made.chain_pem == AUTHORITY.certificate_pem


def test_a_certificate_is_for_servers_and_certifies_nothing() -> None:
    extensions = _load(_issue().certificate_pem).extensions
    assert extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    usages = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usages) == [ExtendedKeyUsageOID.SERVER_AUTH]


def test_a_root_certifies_leaves_only() -> None:
    constraints = _load(AUTHORITY.certificate_pem).extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.value == x509.BasicConstraints(ca=True, path_length=0)
    assert constraints.critical


def test_a_certificate_counts_from_the_days_beginning() -> None:
    facts = _issue().facts
    assert facts.not_before == EPOCH
    assert facts.not_after == EPOCH + timedelta(days=198)


def test_nothing_outlives_its_authority() -> None:
    late = AUTHORITY.not_after - timedelta(days=10)
    made = issue(AUTHORITY, names=["example.com"], key_algorithm="EC_prime256v1", serial=9, now=late)
    assert made.facts.not_after == AUTHORITY.not_after
