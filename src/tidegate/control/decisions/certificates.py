"""Which certificates are renewed, and when the authority is too old to issue more.

As on AWS only what ACM issued is renewed, and of that only what a load balancer uses. Unlike there a
certificate that has ended is renewed too: an installation that was off for months comes back with
listeners that answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tidegate.domain.acm import AMAZON_ISSUED, Certificate, CertificateAuthority

# ACM's own lead over the end of its certificates.
RENEWED_BEFORE_END = timedelta(days=45)
# Well beyond the life of a certificate, so that none is cut short by its authority's end.
AUTHORITY_REPLACED_BEFORE_END = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificatePlan:
    """`next_look`: when time alone will call for renewal; None where something else must change first."""

    is_renewed: bool
    reason: str
    next_look: datetime | None = None


def plan(certificate: Certificate, *, is_in_use: bool, now: datetime) -> CertificatePlan:
    """Whether to renew, and why or why not: the first rule that holds."""
    renewed_at = certificate.not_after - RENEWED_BEFORE_END
    if certificate.type != AMAZON_ISSUED:
        return CertificatePlan(is_renewed=False, reason="imported")
    if not is_in_use:
        return CertificatePlan(is_renewed=False, reason="not in use")
    if now < renewed_at:
        return CertificatePlan(is_renewed=False, reason="not due", next_look=renewed_at)
    return CertificatePlan(is_renewed=True, reason=f"ends at {certificate.not_after.isoformat()}")


def is_authority_fit(authority: CertificateAuthority | None, now: datetime) -> bool:
    """Whether there is an authority that may issue; else a new one takes its place. What the old one
    issued keeps its chain, and its root keeps validating it where it is trusted."""
    return authority is not None and now + AUTHORITY_REPLACED_BEFORE_END < authority.not_after
