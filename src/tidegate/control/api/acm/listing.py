"""ListCertificates: filters and pages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC
from typing import Any

from tidegate.control.api.acm import faults, finding, views
from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import honours
from tidegate.control.api.paging import InvalidTokenError, paginate
from tidegate.control.store.tables import CERTIFICATES
from tidegate.domain.acm import AMAZON_ISSUED, Certificate
from tidegate.wire import Call, Operation

_PAGE_SIZE = 1000
# Whoever names no key types sees these alone: ACM's default, kept from before it knew others.
_DEFAULT_KEY_TYPES = ("RSA_1024", "RSA_2048")


@honours(
    "CertificateStatuses",
    "CertificateKeyPairOrigins",
    "RootHierarchyTypes",
    "Includes",
    "NextToken",
    "MaxItems",
    "SortBy",
    "SortOrder",
)
async def list_certificates(context: ApiContext, call: Call) -> Mapping[str, Any]:
    parameters, now = call.parameters, context.clock.now()
    if ("SortBy" in parameters) != ("SortOrder" in parameters):
        raise faults.invalid_arguments("SortBy and SortOrder must be specified together.")
    snapshot = context.store.snapshot
    statuses = parameters.get("CertificateStatuses")
    rows = [
        row
        for row in snapshot.all(CERTIFICATES)
        if _is_among(views.status(row, now), statuses) and _is_listed(row, parameters)
    ]
    try:
        page = paginate(
            rows,
            key=_order,
            token=parameters.get("NextToken"),
            size=parameters.get("MaxItems", _PAGE_SIZE),
            descending=parameters.get("SortOrder") == "DESCENDING",
        )
    except InvalidTokenError as error:
        raise faults.invalid_arguments("The NextToken is not valid.") from error
    return {
        "CertificateSummaryList": [
            views.summary(row, bool(finding.users(snapshot, row.arn)), now) for row in page.rows
        ],
        "NextToken": page.next_token,
    }


def _is_listed(row: Certificate, parameters: Mapping[str, Any]) -> bool:
    """What the request's filters say of a row; a list that is absent or empty does not filter."""
    includes = parameters.get("Includes") or {}
    key_types = includes.get("keyTypes")
    if not key_types and (row.key_algorithm not in _DEFAULT_KEY_TYPES or not row.names):
        return False
    # Neither another service nor one of Amazon's newer roots stands behind any certificate here.
    if includes.get("managedBy") or parameters.get("RootHierarchyTypes"):
        return False
    extended = {usage.name for usage in row.details.extended_key_usages}
    export = "DISABLED" if row.type == AMAZON_ISSUED else None
    return (
        _is_among(row.key_algorithm, key_types)
        and _is_among(views.origin(row), parameters.get("CertificateKeyPairOrigins"))
        and _has_all(row.details.key_usages, includes.get("keyUsage"))
        and _has_all(extended, includes.get("extendedKeyUsage"))
        and includes.get("exportOption") in (None, export)
    )


def _is_among(value: str, wanted: Collection[str] | None) -> bool:
    return not wanted or value in wanted


def _has_all(values: Collection[str], wanted: Collection[str] | None) -> bool:
    return set(wanted or ()) <= set(values)


def _order(row: Certificate) -> str:
    # Microseconds in every key: texts of one length sort as their times do.
    return f"{row.created_at.astimezone(UTC).isoformat(timespec='microseconds')} {row.arn}"


OPERATIONS: Mapping[str, Operation] = {"ListCertificates": Operation(list_certificates)}
