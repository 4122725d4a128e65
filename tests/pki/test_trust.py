"""What a trust store takes for authorities and for revocation lists."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from tidegate.control.pki.results import CA_CERTIFICATES_MAX, UnusableTrustError
from tidegate.control.pki.trust import checked_bundle, checked_revocation_list
from tidegate.testing.certificates import a_certificate, a_key, a_revocation_list, an_authority
from tidegate.testing.clock import EPOCH

ROOT = an_authority("Root")


def _refuses(message: str) -> Any:
    return pytest.raises(UnusableTrustError, match=message)


def test_a_bundle_is_certificates_and_comments() -> None:
    bundle = b"# My authorities\n" + ROOT.pem + b"# and another\n" + an_authority("Other").pem
    assert checked_bundle(bundle).encode() == bundle
    windows = bundle.replace(b"\n", b"\r\n")
    assert checked_bundle(windows).encode() == windows


@pytest.mark.parametrize(
    ("bundle", "message"),
    [
        (b"", "it has no certificate"),
        (b"# nothing\n", "it has no certificate"),
        (b"\xff\xfe", "it is not PEM"),
        (ROOT.pem + b"\n" + ROOT.pem, "line [0-9]+ is blank"),
        (b"# a-b\n" + ROOT.pem, "line 1 is neither"),
        (b"CN=Root\n" + ROOT.pem, "line 1 is neither"),
        (ROOT.key_pem + ROOT.pem, "line 1 is neither"),
        (ROOT.pem[:-30], "its last certificate has no end"),
        (b"-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n", "certificate 1 cannot be read"),
    ],
)
def test_a_bundle_in_another_form_is_refused(bundle: bytes, message: str) -> None:
    with _refuses(message):
        checked_bundle(bundle)


@pytest.mark.parametrize(
    "key",
    [
        rsa.generate_private_key(65537, 1024),
        ec.generate_private_key(ec.SECP256K1()),
        ed25519.Ed25519PrivateKey.generate(),
    ],
)
def test_an_authority_with_another_key_is_refused(key: Any) -> None:
    with _refuses("the key of certificate 2 is not supported"):
        checked_bundle(ROOT.pem + a_certificate(common_name="CA", key=key, is_ca=True).pem)


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()])
def test_an_authority_may_have_a_key_of_each_curve(curve: ec.EllipticCurve) -> None:
    assert checked_bundle(a_certificate(common_name="CA", key=a_key(curve), is_ca=True).pem)


def test_an_authority_signed_by_an_unsupported_one_is_refused() -> None:
    signer = a_certificate(common_name="Ed", key=ed25519.Ed25519PrivateKey.generate(), is_ca=True)
    with _refuses("the signature of certificate 1 is not supported"):
        checked_bundle(an_authority("Below", issuer=signer).pem)


def test_an_authority_that_has_ended_is_left_to_the_handshakes() -> None:
    old = a_certificate(common_name="Old", is_ca=True, ends=EPOCH - timedelta(hours=1))
    assert checked_bundle(old.pem)


def test_a_bundle_has_its_limits() -> None:
    assert checked_bundle(ROOT.pem * CA_CERTIFICATES_MAX)
    with _refuses("more than 25 certificates"):
        checked_bundle(ROOT.pem * 26)
    large = a_certificate(*[f"{n}.{'a' * 50}.example.com" for n in range(300)], is_ca=True)
    with _refuses("certificate 1 is larger than 16 KB"):
        checked_bundle(large.pem)


def test_the_subjects_together_have_their_limit() -> None:
    units = [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "u" * 60) for _ in range(7)]
    long = a_certificate(subject=x509.Name(units), is_ca=True)
    assert checked_bundle(long.pem * 19)
    with _refuses("its subjects are longer than 10000 bytes together"):
        checked_bundle(long.pem * 20)


def test_a_revocation_list_tells_its_entries() -> None:
    found = checked_revocation_list(b"text before it\n" + a_revocation_list(ROOT, [1, 2, 3]))
    assert found.number_of_entries == 3
    assert found.pem.startswith("-----BEGIN X509 CRL-----\n")
    assert found.pem.endswith("-----END X509 CRL-----\n")
    assert checked_revocation_list(a_revocation_list(ROOT, [])).number_of_entries == 0


def test_what_is_not_one_revocation_list_is_refused() -> None:
    crl = a_revocation_list(ROOT)
    for content in (b"", ROOT.pem, crl + crl):
        with _refuses("not one revocation list in PEM"):
            checked_revocation_list(content)
    with _refuses("cannot be read"):
        checked_revocation_list(b"-----BEGIN X509 CRL-----\nbm8=\n-----END X509 CRL-----\n")
    signer = a_certificate(common_name="Ed", key=ed25519.Ed25519PrivateKey.generate(), is_ca=True)
    with _refuses("an algorithm that is not supported"):
        checked_revocation_list(a_revocation_list(signer))
