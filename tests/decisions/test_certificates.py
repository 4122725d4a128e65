"""Which certificates are renewed, when, and why the others are not."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tidegate.control.decisions.certificates import CertificatePlan, is_authority_fit, plan
from tidegate.domain.acm import AMAZON_ISSUED, IMPORTED, Certificate, CertificateAuthority
from tidegate.testing.clock import EPOCH

DAY = timedelta(days=1)
ENDS = EPOCH + 198 * DAY
DUE = ENDS - 45 * DAY


def _certificate(kind: str = AMAZON_ISSUED) -> Certificate:
    return Certificate(
        arn="arn:aws:acm:us-east-1:000000000000:certificate/1",
        domain_name="example.com",
        subject_alternative_names=("example.com",),
        status="ISSUED",
        type=kind,
        certificate_pem="",
        chain_pem="",
        private_key_pem="",
        key_algorithm="RSA_2048",
        not_before=EPOCH,
        not_after=ENDS,
        created_at=EPOCH,
    )


@pytest.mark.parametrize(
    ("kind", "is_in_use", "now", "expected"),
    [
        (IMPORTED, True, DUE, CertificatePlan(is_renewed=False, reason="imported")),
        (IMPORTED, True, ENDS + DAY, CertificatePlan(is_renewed=False, reason="imported")),
        (AMAZON_ISSUED, False, DUE, CertificatePlan(is_renewed=False, reason="not in use")),
        (AMAZON_ISSUED, True, EPOCH, CertificatePlan(is_renewed=False, reason="not due", next_look=DUE)),
        (
            AMAZON_ISSUED,
            True,
            DUE - timedelta(seconds=1),
            CertificatePlan(is_renewed=False, reason="not due", next_look=DUE),
        ),
        (AMAZON_ISSUED, True, DUE, CertificatePlan(is_renewed=True, reason=f"ends at {ENDS.isoformat()}")),
        (
            AMAZON_ISSUED,
            True,
            ENDS + 100 * DAY,
            CertificatePlan(is_renewed=True, reason=f"ends at {ENDS.isoformat()}"),
        ),
    ],
)
def test_each_rule_says_what_is_done_and_why(
    kind: str, is_in_use: bool, now: datetime, expected: CertificatePlan
) -> None:
    assert plan(_certificate(kind), is_in_use=is_in_use, now=now) == expected


def test_an_authority_issues_until_a_year_before_its_end() -> None:
    authority = CertificateAuthority(name="local", certificate_pem="", private_key_pem="", not_after=ENDS)
    assert not is_authority_fit(None, EPOCH)
    assert is_authority_fit(authority, ENDS - 366 * DAY)
    assert not is_authority_fit(authority, ENDS - 365 * DAY)
