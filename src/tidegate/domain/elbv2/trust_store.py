"""Trust stores: the authorities whose client certificates a listener accepts."""

from __future__ import annotations

from dataclasses import dataclass, field

from tidegate.domain.tags import Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """A revocation list that was added to a trust store."""

    id: int
    crl_pem: str
    number_of_revoked_entries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustStore:
    """`status`: CREATING or ACTIVE. `ca_pem`: the bundle of its authorities' certificates, as it was given.
    `last_revocation_id`: an id is never given twice, whatever was removed."""

    arn: str
    name: str
    status: str
    ca_pem: str
    revocations: tuple[Revocation, ...] = ()
    last_revocation_id: int = 0
    tags: Tags = field(default_factory=dict)

    @property
    def number_of_ca_certificates(self) -> int:
        return self.ca_pem.count("-----BEGIN CERTIFICATE-----")

    @property
    def total_revoked_entries(self) -> int:
        return sum(revocation.number_of_revoked_entries for revocation in self.revocations)
