"""Certificates as ACM's clients read them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tidegate.control.api.acm.validation import domain_validations
from tidegate.domain.acm import AMAZON_ISSUED, Certificate

_SUMMARY_NAMES_MAX = 100


def status(row: Certificate, now: datetime) -> str:
    """The status by the clock: a certificate expires whether or not anybody writes it down."""
    return "EXPIRED" if row.status == "ISSUED" and now > row.not_after else row.status


def origin(row: Certificate) -> str:
    return "AWS_MANAGED" if row.type == AMAZON_ISSUED else "CUSTOMER_PROVIDED"


def renewal_eligibility(row: Certificate, is_in_use: bool) -> str:
    return "ELIGIBLE" if row.type == AMAZON_ISSUED and is_in_use else "INELIGIBLE"


def options(row: Certificate) -> dict[str, Any]:
    return {"CertificateTransparencyLoggingPreference": row.transparency_logging, "Export": "DISABLED"}


def detail(row: Certificate, users: list[str], account: str, now: datetime) -> dict[str, Any]:
    """What DescribeCertificate answers: all but the key."""
    is_issued_here = row.type == AMAZON_ISSUED
    validations = domain_validations(row, account) if is_issued_here else None
    return {
        **_dates(row),
        "CertificateArn": row.arn,
        "DomainName": row.domain_name or None,
        "SubjectAlternativeNames": list(row.subject_alternative_names) or None,
        "DomainValidationOptions": validations,
        "Serial": row.details.serial,
        "Subject": row.details.subject,
        "Issuer": row.details.issuer,
        "Status": status(row, now),
        "KeyAlgorithm": row.key_algorithm,
        "SignatureAlgorithm": row.details.signature_algorithm,
        "InUseBy": users,
        "Type": row.type,
        "KeyUsages": [{"Name": name} for name in row.details.key_usages],
        "ExtendedKeyUsages": [{"Name": u.name, "OID": u.oid} for u in row.details.extended_key_usages],
        "RenewalEligibility": renewal_eligibility(row, bool(users)),
        "RenewalSummary": _renewal_summary(row, validations),
        "Options": options(row),
        "CertificateKeyPairOrigin": origin(row),
    }


def summary(row: Certificate, is_in_use: bool, now: datetime) -> dict[str, Any]:
    """An entry of ListCertificates."""
    names = row.subject_alternative_names
    return {
        **_dates(row),
        "CertificateArn": row.arn,
        "DomainName": row.domain_name or None,
        "SubjectAlternativeNameSummaries": list(names[:_SUMMARY_NAMES_MAX]) or None,
        "HasAdditionalSubjectAlternativeNames": len(names) > _SUMMARY_NAMES_MAX,
        "Status": status(row, now),
        "Type": row.type,
        "KeyAlgorithm": row.key_algorithm,
        "KeyUsages": list(row.details.key_usages),
        "ExtendedKeyUsages": [usage.name for usage in row.details.extended_key_usages],
        "ExportOption": "DISABLED" if row.type == AMAZON_ISSUED else None,
        "InUse": is_in_use,
        "Exported": False,
        "RenewalEligibility": renewal_eligibility(row, is_in_use),
        "CertificateKeyPairOrigin": origin(row),
    }


def _dates(row: Certificate) -> dict[str, Any]:
    return {
        "CreatedAt": row.created_at,
        "IssuedAt": row.issued_at,
        "ImportedAt": row.imported_at,
        "NotBefore": row.not_before,
        "NotAfter": row.not_after,
    }


def _renewal_summary(row: Certificate, validations: list[dict[str, Any]] | None) -> dict[str, Any] | None:
    if row.renewed_at is None:
        return None
    return {
        "RenewalStatus": "SUCCESS",
        "DomainValidationOptions": validations,
        "UpdatedAt": row.renewed_at,
    }
