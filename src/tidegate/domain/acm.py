"""Certificates, and the certificate authority that an installation keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tidegate.domain.tags import Tags

IMPORTED = "IMPORTED"
AMAZON_ISSUED = "AMAZON_ISSUED"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendedKeyUsage:
    name: str
    oid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateDetails:
    """What a certificate says of itself beyond its names and dates, in the words of DescribeCertificate."""

    serial: str = ""
    subject: str = ""
    issuer: str = ""
    signature_algorithm: str = ""
    key_usages: tuple[str, ...] = ()
    extended_key_usages: tuple[ExtendedKeyUsage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate with its private key, all of it PEM.

    `status` is ISSUED; what has ended is EXPIRED by its dates alone. `type` is IMPORTED or AMAZON_ISSUED,
    the latter issued by the installation's own authority. `chain_pem` starts with the issuer and is empty
    where none was given. `domain_name` is empty where the certificate names none. `validation_method`,
    `validation_domains` (where mail for a domain would go) and `idempotency_token` are those of the
    request.
    """

    arn: str
    domain_name: str
    subject_alternative_names: tuple[str, ...]
    status: str
    type: str
    certificate_pem: str
    chain_pem: str
    private_key_pem: str
    key_algorithm: str
    not_before: datetime
    not_after: datetime
    created_at: datetime
    issued_at: datetime | None = None
    imported_at: datetime | None = None
    renewed_at: datetime | None = None
    details: CertificateDetails = field(default_factory=CertificateDetails)
    validation_method: str | None = None
    validation_domains: Mapping[str, str] = field(default_factory=dict)
    transparency_logging: str = "DISABLED"
    idempotency_token: str | None = None
    tags: Tags = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The domain name and the alternative names, each once."""
        first = (self.domain_name,) if self.domain_name else ()
        return tuple(dict.fromkeys((*first, *self.subject_alternative_names)))


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateAuthority:
    """The root that issues AMAZON_ISSUED certificates; its key leaves the store as little as theirs."""

    name: str
    certificate_pem: str
    private_key_pem: str
    not_after: datetime
