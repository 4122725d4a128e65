"""Certificates for tests: quick elliptic keys unless told otherwise, valid around the fake clock's start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from tidegate.testing.clock import EPOCH

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class MadeCertificate:
    certificate: x509.Certificate
    key: PrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def encrypted_key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))


def a_key(curve: ec.EllipticCurve | None = None) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(curve or ec.SECP256R1())


def a_certificate(
    *names: str,
    common_name: str | None = None,
    subject: x509.Name | None = None,
    issuer: MadeCertificate | None = None,
    key: PrivateKey | None = None,
    is_ca: bool = False,
    begins: datetime = EPOCH - timedelta(days=1),
    ends: datetime = EPOCH + timedelta(days=365),
    extensions: Sequence[tuple[Any, bool]] = (),
) -> MadeCertificate:
    """A certificate for `names`, signed by `issuer` or by its own key. `common_name` is the first name
    unless given, and absent if empty; `subject` is more than that. `extensions`: (extension, is it
    critical) to add."""
    key = key or a_key()
    common_name = common_name if common_name is not None else next(iter(names), "")
    if subject is None:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)] if common_name else [])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False
        )
    for extension, is_critical in extensions:
        builder = builder.add_extension(extension, critical=is_critical)
    signer = issuer.key if issuer else key
    return MadeCertificate(builder.sign(signer, _digest(signer)), key)


def an_authority(name: str = "Test CA", issuer: MadeCertificate | None = None) -> MadeCertificate:
    return a_certificate(common_name=name, issuer=issuer, is_ca=True)


def a_revocation_list(
    issuer: MadeCertificate, serials: Sequence[int] = (1, 2, 3), issued: datetime = EPOCH
) -> bytes:
    """A CRL in PEM."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(issued)
        .next_update(issued + timedelta(days=30))
    )
    for serial in serials:
        revoked = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(issued).build()
        builder = builder.add_revoked_certificate(revoked)
    return builder.sign(issuer.key, _digest(issuer.key)).public_bytes(Encoding.PEM)


def _digest(signer: PrivateKey) -> SHA256 | None:
    return None if isinstance(signer, ed25519.Ed25519PrivateKey) else SHA256()
