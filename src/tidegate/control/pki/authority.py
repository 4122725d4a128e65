"""The installation's own certificate authority: a root, and what it issues.

The root's key is an elliptic one, made in a millisecond and known to every TLS client of the last ten
years; what it issues has the kind of key that was asked for. It signs leaves directly: an intermediate
protects a root that is kept offline, and this one is kept beside what it signs.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tidegate.control.pki.imports import PrivateKey
from tidegate.control.pki.reading import facts_of, pem
from tidegate.control.pki.results import KeyedCertificate
from tidegate.domain.acm import CertificateAuthority

AUTHORITY_VALIDITY = timedelta(days=3650)
# As long as ACM's public certificates.
CERTIFICATE_VALIDITY = timedelta(days=198)

_ORGANISATION = "Tidegate"
_CURVES = {"EC_prime256v1": ec.SECP256R1, "EC_secp384r1": ec.SECP384R1}


def new_authority(name: str, *, label: str, serial: int, now: datetime) -> CertificateAuthority:
    """A root certificate and its key; see the package."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(f"Tidegate local CA {label}")
    ends = _midnight(now) + AUTHORITY_VALIDITY
    usage = _key_usage(certificate_signing=True)
    public = key.public_key()
    builder = (
        _builder(subject=subject, issuer=subject, serial=serial, begins=_midnight(now), ends=ends)
        .public_key(public)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )
    return CertificateAuthority(
        name=name,
        certificate_pem=pem(builder.sign(key, SHA256())),
        private_key_pem=_key_pem(key),
        not_after=ends,
    )


def issue(
    authority: CertificateAuthority, *, names: Sequence[str], key_algorithm: str, serial: int, now: datetime
) -> KeyedCertificate:
    """A server certificate and its key; see the package."""
    root = x509.load_pem_x509_certificate(authority.certificate_pem.encode())
    root_key = load_pem_private_key(authority.private_key_pem.encode(), password=None)
    assert isinstance(root_key, ec.EllipticCurvePrivateKey)
    key = _new_key(key_algorithm)
    public = key.public_key()
    root_id = root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    ends = min(_midnight(now) + CERTIFICATE_VALIDITY, authority.not_after)
    usage = _key_usage(key_encipherment=isinstance(key, rsa.RSAPrivateKey))
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    builder = (
        _builder(subject=subject, issuer=root.subject, serial=serial, begins=_midnight(now), ends=ends)
        .public_key(public)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(root_id), critical=False
        )
    )
    certificate = builder.sign(root_key, SHA256())
    return KeyedCertificate(
        certificate_pem=pem(certificate),
        chain_pem=authority.certificate_pem,
        private_key_pem=_key_pem(key),
        facts=facts_of(certificate),
    )


def _builder(
    *, subject: x509.Name, issuer: x509.Name, serial: int, begins: datetime, ends: datetime
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).serial_number(serial)
    return builder.not_valid_before(begins).not_valid_after(ends)


def _new_key(key_algorithm: str) -> PrivateKey:
    curve = _CURVES.get(key_algorithm)
    if curve is not None:
        return ec.generate_private_key(curve())
    return rsa.generate_private_key(public_exponent=65537, key_size=int(key_algorithm.removeprefix("RSA_")))


def _key_usage(*, certificate_signing: bool = False, key_encipherment: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificate_signing,
        content_commitment=False,
        key_encipherment=key_encipherment,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificate_signing,
        crl_sign=certificate_signing,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _key_pem(key: PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _midnight(now: datetime) -> datetime:
    """The day's beginning, as ACM's certificates have it: a client whose clock is a little behind takes
    a certificate of a minute ago."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
