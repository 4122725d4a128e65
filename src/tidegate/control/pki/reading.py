"""What a certificate says, in ACM's words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, SignatureAlgorithmOID

from tidegate.control.pki.results import Facts, UnusableCertificateError
from tidegate.domain.acm import CertificateDetails, ExtendedKeyUsage

RSA_BITS = (1024, 2048, 3072, 4096)
# ACM names curves as OpenSSL does, the library as the standard of elliptic curves does.
CURVES = {"secp256r1": "EC_prime256v1", "secp384r1": "EC_secp384r1", "secp521r1": "EC_secp521r1"}

_SIGNATURES = {
    SignatureAlgorithmOID.RSA_WITH_SHA1: "SHA1WITHRSA",
    SignatureAlgorithmOID.RSA_WITH_SHA224: "SHA224WITHRSA",
    SignatureAlgorithmOID.RSA_WITH_SHA256: "SHA256WITHRSA",
    SignatureAlgorithmOID.RSA_WITH_SHA384: "SHA384WITHRSA",
    SignatureAlgorithmOID.RSA_WITH_SHA512: "SHA512WITHRSA",
    SignatureAlgorithmOID.RSASSA_PSS: "RSASSAPSS",
    SignatureAlgorithmOID.ECDSA_WITH_SHA1: "SHA1WITHECDSA",
    SignatureAlgorithmOID.ECDSA_WITH_SHA224: "SHA224WITHECDSA",
    SignatureAlgorithmOID.ECDSA_WITH_SHA256: "SHA256WITHECDSA",
    SignatureAlgorithmOID.ECDSA_WITH_SHA384: "SHA384WITHECDSA",
    SignatureAlgorithmOID.ECDSA_WITH_SHA512: "SHA512WITHECDSA",
}
_KEY_USAGES = {
    "digital_signature": "DIGITAL_SIGNATURE",
    "content_commitment": "NON_REPUDIATION",
    "key_encipherment": "KEY_ENCIPHERMENT",
    "data_encipherment": "DATA_ENCIPHERMENT",
    "key_agreement": "KEY_AGREEMENT",
    "key_cert_sign": "CERTIFICATE_SIGNING",
    "crl_sign": "CRL_SIGNING",
}
# These two mean something beside key agreement only, and the library refuses to read them without it.
_AGREEMENT_USAGES = {"encipher_only": "ENCIPHER_ONLY", "decipher_only": "DECIPHER_ONLY"}
_EXTENDED_KEY_USAGES = {
    ExtendedKeyUsageOID.SERVER_AUTH: "TLS_WEB_SERVER_AUTHENTICATION",
    ExtendedKeyUsageOID.CLIENT_AUTH: "TLS_WEB_CLIENT_AUTHENTICATION",
    ExtendedKeyUsageOID.CODE_SIGNING: "CODE_SIGNING",
    ExtendedKeyUsageOID.EMAIL_PROTECTION: "EMAIL_PROTECTION",
    ExtendedKeyUsageOID.TIME_STAMPING: "TIME_STAMPING",
    ExtendedKeyUsageOID.OCSP_SIGNING: "OCSP_SIGNING",
    ExtendedKeyUsageOID.IPSEC_IKE: "IPSEC_END_SYSTEM",
    ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE: "ANY",
}
_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)


def facts_of(certificate: x509.Certificate) -> Facts:
    """What the certificate says. Raises UnusableCertificateError for a malformed extension or a key of
    a kind or length that ACM does not take."""
    try:
        names = _names(certificate)
        details = CertificateDetails(
            serial=serial_text(certificate.serial_number),
            subject=certificate.subject.rfc4514_string(),
            issuer=_issuer(certificate.issuer),
            signature_algorithm=_SIGNATURES.get(
                certificate.signature_algorithm_oid, certificate.signature_algorithm_oid.dotted_string
            ),
            key_usages=tuple(_key_usages(certificate)),
            extended_key_usages=tuple(_extended_key_usages(certificate)),
        )
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise UnusableCertificateError("The certificate has an extension that cannot be read.") from error
    common = _common_name(certificate.subject)
    return Facts(
        domain_name=common or (names[0] if names else ""),
        names=names or ((common,) if common else ()),
        key_algorithm=key_algorithm(_public_key(certificate)),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        details=details,
    )


def key_algorithm(key: object) -> str:
    """ACM's name of a public key's algorithm and length; raises UnusableCertificateError."""
    if isinstance(key, RSAPublicKey):
        if key.key_size in RSA_BITS:
            return f"RSA_{key.key_size}"
        raise _bad_length(key.key_size)
    if isinstance(key, EllipticCurvePublicKey):
        if key.curve.name in CURVES:
            return CURVES[key.curve.name]
        raise _bad_length(key.curve.key_size)
    raise UnusableCertificateError("The private key is not supported.")


def pem_blocks(text: bytes, label: bytes = b"CERTIFICATE") -> list[bytes]:
    """The blocks of one kind; what stands between blocks is no part of them."""
    return [found.group(0) for found in _BLOCK.finditer(text) if found.group(1) == label]


def parse_certificate(block: bytes) -> x509.Certificate:
    """The certificate of a PEM block; raises UnusableCertificateError."""
    try:
        certificate = x509.load_pem_x509_certificate(block)
        _ = certificate.subject, certificate.issuer, certificate.version
    except (ValueError, x509.InvalidVersion) as error:
        text = "Unable to parse certificate. Please ensure the certificate is in PEM format."
        raise UnusableCertificateError(text) from error
    return certificate


def pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def serial_text(serial: int) -> str:
    """Pairs of hexadecimal digits with colons between them."""
    digits = f"{serial:x}"
    digits = digits.rjust(len(digits) + len(digits) % 2, "0")
    return ":".join(digits[i : i + 2] for i in range(0, len(digits), 2))


def _public_key(certificate: x509.Certificate) -> object:
    try:
        return certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnusableCertificateError("The private key is not supported.") from error


def _bad_length(bits: int) -> UnusableCertificateError:
    return UnusableCertificateError(f"The private key length {bits} is not supported for key algorithm.")


def _common_name(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else ""


def _issuer(name: x509.Name) -> str:
    """What ACM prints as the issuer: the organisation, or the common name where none is given."""
    found = name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return str(found[0].value) if found else _common_name(name)


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    addresses = [str(address) for address in names.get_values_for_type(x509.IPAddress)]
    return tuple(dict.fromkeys([*names.get_values_for_type(x509.DNSName), *addresses]))


def _key_usages(certificate: x509.Certificate) -> Iterator[str]:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    known = {**_KEY_USAGES, **(_AGREEMENT_USAGES if usage.key_agreement else {})}
    yield from (name for attribute, name in known.items() if getattr(usage, attribute))


def _extended_key_usages(certificate: x509.Certificate) -> Iterator[ExtendedKeyUsage]:
    try:
        usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return
    for oid in usages:
        yield ExtendedKeyUsage(name=_EXTENDED_KEY_USAGES.get(oid, "CUSTOM"), oid=oid.dotted_string)
