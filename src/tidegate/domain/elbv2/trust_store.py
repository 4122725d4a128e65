"""Trust stores: the authorities whose client certificates a listener accepts."""

from __future__ import annotations

from dataclasses import dataclass, field

from tidegate.domain.tags import Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """A revocation list that was added to a trust store."""

    id: int
    crl_pem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustStore:
    """`status`: CREATING or ACTIVE. `ca_pem`: the bundle of its authorities' certificates."""

    arn: str
    name: str
    status: str
    ca_pem: str
    revocations: tuple[Revocation, ...] = ()
    tags: Tags = field(default_factory=dict)
