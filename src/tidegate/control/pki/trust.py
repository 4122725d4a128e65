"""The checks of a trust store's bundle and of its revocation lists.

Sources: the Application Load Balancer's guide to mutual TLS (what certificates and lists it takes) and
its quotas. Whether a certificate has ended is left to each handshake, as a listener may ignore it.
"""

from __future__ import annotations

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512

from tidegate.control.pki.reading import CURVES, parse_certificate, pem_blocks
from tidegate.control.pki.results import (
    CA_CERTIFICATE_BYTES_MAX,
    CA_CERTIFICATES_MAX,
    SUBJECTS_BYTES_MAX,
    RevocationList,
    UnusableCertificateError,
    UnusableTrustError,
)

_RSA_BITS_MIN, _RSA_BITS_MAX = 2048, 8192
_DIGESTS = (SHA256, SHA384, SHA512)
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


def checked_bundle(content: bytes) -> str:
    """The bundle's text, if load balancers take it; raises UnusableTrustError."""
    try:
        text = content.decode("ascii")
    except UnicodeDecodeError as error:
        raise UnusableTrustError("it is not PEM") from error
    _check_lines(text)
    blocks = pem_blocks(content)
    if not blocks:
        raise UnusableTrustError("it has no certificate")
    if len(blocks) > CA_CERTIFICATES_MAX:
        raise UnusableTrustError(f"it has more than {CA_CERTIFICATES_MAX} certificates")
    subjects = 0
    for number, block in enumerate(blocks, start=1):
        if len(block) > CA_CERTIFICATE_BYTES_MAX:
            raise UnusableTrustError(
                f"certificate {number} is larger than {CA_CERTIFICATE_BYTES_MAX // 1024} KB"
            )
        subjects += len(_authority(block, number).subject.public_bytes())
    if subjects > SUBJECTS_BYTES_MAX:
        raise UnusableTrustError(f"its subjects are longer than {SUBJECTS_BYTES_MAX} bytes together")
    return text


def checked_revocation_list(content: bytes) -> RevocationList:
    """The list, if load balancers take it; raises UnusableTrustError."""
    blocks = pem_blocks(content, b"X509 CRL")
    if len(blocks) != 1:
        raise UnusableTrustError("it is not one revocation list in PEM")
    try:
        crl = x509.load_pem_x509_crl(blocks[0])
        is_digest_known = isinstance(crl.signature_hash_algorithm, _DIGESTS)
        entries = len(crl)
    except (ValueError, x509.InvalidVersion, UnsupportedAlgorithm) as error:
        raise UnusableTrustError("it cannot be read") from error
    if not is_digest_known:
        raise UnusableTrustError("its signature uses an algorithm that is not supported")
    return RevocationList(blocks[0].decode("ascii") + "\n", entries)


def _check_lines(text: str) -> None:
    """Between certificates only comments may stand, each `#` and a text without hyphens."""
    is_inside = False
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            raise UnusableTrustError(f"line {number} is blank")
        if is_inside:
            is_inside = line != _END
        elif line == _BEGIN:
            is_inside = True
        elif not line.startswith("#") or "-" in line:
            raise UnusableTrustError(
                f"line {number} is neither a certificate's nor a comment without hyphens"
            )
    if is_inside:
        raise UnusableTrustError("its last certificate has no end")


def _authority(block: bytes, number: int) -> x509.Certificate:
    try:
        certificate = parse_certificate(block)
        key, digest = certificate.public_key(), certificate.signature_hash_algorithm
    except (UnusableCertificateError, ValueError, UnsupportedAlgorithm) as error:
        raise UnusableTrustError(f"certificate {number} cannot be read") from error
    if certificate.version is not x509.Version.v3:
        raise UnusableTrustError(f"certificate {number} is not of X.509 version 3")
    is_rsa = isinstance(key, RSAPublicKey) and _RSA_BITS_MIN <= key.key_size <= _RSA_BITS_MAX
    if not is_rsa and not (isinstance(key, EllipticCurvePublicKey) and key.curve.name in CURVES):
        raise UnusableTrustError(f"the key of certificate {number} is not supported")
    if not isinstance(digest, _DIGESTS):
        raise UnusableTrustError(f"the signature of certificate {number} is not supported")
    return certificate
