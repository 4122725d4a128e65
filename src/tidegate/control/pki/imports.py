"""The checks of an imported certificate, its chain and its private key.

Sources: ACM's "Prerequisites for importing certificates" and the messages that its guide to import
problems lists. A chain is optional, and where one is given each certificate must certify the one before
it; its end need not be a root, and nobody asks whether a public authority stands behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import AuthorityInformationAccessOID

from tidegate.control.pki.reading import facts_of, key_algorithm, parse_certificate, pem, pem_blocks
from tidegate.control.pki.results import KeyedCertificate, UnusableCertificateError

PRIVATE_KEY_BYTES_MAX = 5120
OCSP_URL_LENGTH_MAX = 1000

PrivateKey = RSAPrivateKey | EllipticCurvePrivateKey


def imported_certificate(
    certificate: bytes, private_key: bytes, chain: bytes | None, now: datetime
) -> KeyedCertificate:
    """The certificate if it, its key and its chain can be imported; raises UnusableCertificateError."""
    leaf = _only_certificate(certificate)
    key = _private_key(private_key)
    facts = facts_of(leaf)
    if key.public_key() != leaf.public_key():
        raise UnusableCertificateError("The private key does not match the certificate.")
    _check_leaf(leaf, now)
    parents = _chain(chain) if chain is not None else []
    _check_chain(leaf, parents, now)
    key_pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return KeyedCertificate(
        certificate_pem=pem(leaf),
        chain_pem="".join(pem(parent) for parent in parents),
        private_key_pem=key_pem.decode(),
        facts=facts,
    )


def _only_certificate(text: bytes) -> x509.Certificate:
    blocks = pem_blocks(text)
    if not blocks:
        raise UnusableCertificateError("The certificate body provided is not in a valid PEM format.")
    if len(blocks) > 1:
        raise UnusableCertificateError(
            "The certificate field contains more than one certificate. You can specify only one "
            "certificate in this field."
        )
    return parse_certificate(blocks[0])


def _private_key(text: bytes) -> PrivateKey:
    if len(text) > PRIVATE_KEY_BYTES_MAX:
        raise UnusableCertificateError(
            f"The private key must be no larger than 5 KB ({PRIVATE_KEY_BYTES_MAX} bytes)."
        )
    try:
        # An encrypted key is a TypeError: it needs the password that we do not give.
        key = load_pem_private_key(text, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UnusableCertificateError("The private key is not supported.") from error
    if not isinstance(key, PrivateKey):
        raise UnusableCertificateError("The private key is not supported.")
    key_algorithm(key.public_key())
    return key


def _check_leaf(leaf: x509.Certificate, now: datetime) -> None:
    if leaf.version is not x509.Version.v3:
        raise UnusableCertificateError("The certificate is not an X.509 version 3 certificate.")
    if leaf.serial_number < 0:
        raise UnusableCertificateError("The serial number of the certificate must not be negative.")
    if not leaf.issuer.rdns:
        raise UnusableCertificateError("The issuer of the certificate must not be empty.")
    _check_dates(leaf, "certificate", now)
    if any(len(url) > OCSP_URL_LENGTH_MAX for url in _ocsp_urls(leaf)):
        text = f"The OCSP authority URL must not exceed {OCSP_URL_LENGTH_MAX} characters."
        raise UnusableCertificateError(text)


def _check_dates(certificate: x509.Certificate, what: str, now: datetime) -> None:
    if now > certificate.not_valid_after_utc:
        raise UnusableCertificateError(f"The {what} has expired, is not valid.")
    if now < certificate.not_valid_before_utc:
        raise UnusableCertificateError(f"The {what} is not in effect yet, is not valid.")


def _ocsp_urls(certificate: x509.Certificate) -> list[str]:
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return []
    return [
        str(one.access_location.value)
        for one in access
        if one.access_method == AuthorityInformationAccessOID.OCSP
    ]


def _chain(text: bytes) -> list[x509.Certificate]:
    blocks = pem_blocks(text)
    if not blocks:
        raise UnusableCertificateError("The certificate chain provided is not in a valid PEM format.")
    return [parse_certificate(block) for block in blocks]


def _check_chain(leaf: x509.Certificate, parents: Sequence[x509.Certificate], now: datetime) -> None:
    if not parents and leaf.issuer == leaf.subject and not _certifies(leaf, leaf):
        raise UnusableCertificateError(
            "Provided certificate is not a valid self signed. Please provide either a valid self-signed "
            "certificate or certificate chain."
        )
    for index, (child, parent) in enumerate(zip((leaf, *parents), parents, strict=False)):
        is_leaf_again = index == 0 and parent == leaf and len(parents) > 1
        if is_leaf_again or (index > 0 and not _certifies(parent, child)):
            raise UnusableCertificateError(
                "Unable to validate certificate chain. The certificate chain must start with the immediate "
                "signing certificate, followed by any intermediaries in order. The index within the chain "
                f"of the invalid certificate is: {index}"
            )
        if index == 0 and not _certifies(parent, child):
            text = "Could not validate the certificate with the certificate chain."
            raise UnusableCertificateError(text)
        _check_dates(parent, "certificate chain", now)


def _certifies(parent: x509.Certificate, child: x509.Certificate) -> bool:
    try:
        child.verify_directly_issued_by(parent)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
