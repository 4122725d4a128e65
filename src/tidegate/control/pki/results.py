"""What comes out of this package, and its limits: nothing here needs the library."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tidegate.domain.acm import CertificateDetails

COMMON_NAME_LENGTH_MAX = 64
CA_CERTIFICATES_MAX = 25
CA_CERTIFICATE_BYTES_MAX = 16 * 1024
SUBJECTS_BYTES_MAX = 10_000
# Of a bundle's file: twice what its certificates may have, for comments.
BUNDLE_BYTES_MAX = CA_CERTIFICATES_MAX * CA_CERTIFICATE_BYTES_MAX * 2
REVOCATION_LIST_BYTES_MAX = 50 * 1024 * 1024


class UnusableCertificateError(Exception):
    """A certificate, chain or key cannot be taken: the caller's fault, and the message tells it to them."""


class UnusableTrustError(Exception):
    """A bundle or a revocation list cannot be taken: the caller's fault, and the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """`names`: DNS names and addresses of the SAN extension, the common name where there is none."""

    domain_name: str
    names: tuple[str, ...]
    key_algorithm: str
    not_before: datetime
    not_after: datetime
    details: CertificateDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedCertificate:
    """A certificate, its chain and its private key in PEM as we write it. `chain_pem` may be empty."""

    certificate_pem: str
    chain_pem: str
    private_key_pem: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class RevocationList:
    pem: str
    number_of_entries: int
