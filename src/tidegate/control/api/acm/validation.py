"""How a domain would be validated: the DNS record or the mail addresses that ACM would name.

Nothing looks for the record and no mail is sent, since the installation's own authority asks for no
proof; clients read them all the same, and publish the record where they manage the zone.
"""

from __future__ import annotations

import hashlib
from typing import Any

from tidegate.domain.acm import Certificate

_MAILBOXES = ("admin", "administrator", "hostmaster", "postmaster", "webmaster")


def domain_validations(row: Certificate, account: str) -> list[dict[str, Any]]:
    """One entry for each name of a requested certificate, the domain name's first."""
    return [_entry(row, name, account) for name in row.names]


def resource_record(domain: str, account: str) -> dict[str, str]:
    """The record for a domain: the same in every certificate, and for a wildcard that of its domain."""
    plain = domain.removeprefix("*.")
    digest = hashlib.sha256(f"{account} {plain}".encode()).hexdigest()
    # Ten letters, as the zones have under which ACM's own records lie.
    zone = digest[:10].translate(str.maketrans("0123456789abcdef", "ghijklmnopqrstuv"))
    return {
        "Name": f"_{digest[:32]}.{plain}.",
        "Type": "CNAME",
        "Value": f"_{digest[32:]}.{zone}.acm-validations.aws.",
    }


def is_validation_domain(candidate: str, domain: str) -> bool:
    """Whether mail for `domain` may go to `candidate`: the domain itself or one above it."""
    plain = domain.removeprefix("*.")
    return candidate in (domain, plain) or plain.endswith(f".{candidate}")


def _entry(row: Certificate, name: str, account: str) -> dict[str, Any]:
    at = row.validation_domains.get(name, name)
    entry: dict[str, Any] = {
        "DomainName": name,
        "ValidationDomain": at,
        "ValidationStatus": "SUCCESS",
        "ValidationMethod": row.validation_method,
    }
    if row.validation_method == "DNS":
        return {**entry, "ResourceRecord": resource_record(name, account)}
    plain = at.removeprefix("*.")
    return {**entry, "ValidationEmails": [f"{box}@{plain}" for box in _MAILBOXES]}
