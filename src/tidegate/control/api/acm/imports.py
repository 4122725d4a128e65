"""ImportCertificate: a new certificate, or the next one under the same ARN."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from tidegate.control.api.acm import faults, finding
from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import honours
from tidegate.control.pki import KeyedCertificate, UnusableCertificateError, imported_certificate
from tidegate.control.store import Transaction
from tidegate.control.store.tables import CERTIFICATES
from tidegate.domain.acm import IMPORTED, Certificate, CertificateDetails
from tidegate.domain.tags import Tags
from tidegate.wire import Call, Operation

CERTIFICATES_MAX = 2500


@honours("CertificateArn", "Certificate", "PrivateKey", "CertificateChain", "Tags")
async def import_certificate(context: ApiContext, call: Call) -> Mapping[str, Any]:
    parameters, now = call.parameters, context.clock.now()
    arn, tags = parameters.get("CertificateArn"), finding.tag_map(parameters.get("Tags"))
    if arn is not None:
        if tags:
            raise faults.invalid("Tagging is not permitted on re-import.")
        _check_replaceable(finding.certificate(context, context.store.snapshot, arn))
    try:
        given = await imported_certificate(
            parameters["Certificate"],
            parameters["PrivateKey"],
            parameters.get("CertificateChain"),
            now,
        )
    except UnusableCertificateError as error:
        raise faults.invalid(str(error)) from error
    if arn is None:
        row = _new(context.arns.certificate(context.ids.uuid()), given, tags, now)
        await context.store.transact(lambda tx: _add(tx, row))
        return {"CertificateArn": row.arn}

    def replace_it(tx: Transaction) -> None:
        known = finding.certificate(context, tx, arn)
        _check_replacement(known, given)
        tx.put(CERTIFICATES, replace(known, **_imported(given), imported_at=now))

    await context.store.transact(replace_it)
    return {"CertificateArn": arn}


def _add(tx: Transaction, row: Certificate) -> None:
    check_count(tx)
    tx.put(CERTIFICATES, row)


def check_count(tx: Transaction) -> None:
    """Raise LimitExceededException where the account has all the certificates that ACM allows."""
    if tx.state.count(CERTIFICATES) >= CERTIFICATES_MAX:
        raise faults.limit_exceeded(
            "You have reached the maximum number of certificates. Delete certificates that are not in use, "
            "or contact AWS Support to request an increase."
        )


def _new(arn: str, given: KeyedCertificate, tags: Tags, now: datetime) -> Certificate:
    members: dict[str, Any] = _imported(given)
    return Certificate(
        arn=arn, status="ISSUED", type=IMPORTED, created_at=now, imported_at=now, tags=tags, **members
    )


def _imported(given: KeyedCertificate) -> dict[str, Any]:
    """The members of a row that an import sets and a re-import sets anew."""
    return {
        "domain_name": given.facts.domain_name,
        "subject_alternative_names": given.facts.names,
        "certificate_pem": given.certificate_pem,
        "chain_pem": given.chain_pem,
        "private_key_pem": given.private_key_pem,
        "key_algorithm": given.facts.key_algorithm,
        "not_before": given.facts.not_before,
        "not_after": given.facts.not_after,
        "details": given.facts.details,
    }


def _check_replaceable(known: Certificate) -> None:
    if known.type != IMPORTED:
        raise faults.invalid(f"The certificate {known.arn} was not imported and cannot be re-imported.")


def _check_replacement(known: Certificate, given: KeyedCertificate) -> None:
    """Raise ValidationException for what a re-import must keep and does not: the kind of key, the usages,
    a domain name at all."""
    if given.facts.key_algorithm != known.key_algorithm:
        raise faults.invalid(
            f"The key algorithm {given.facts.key_algorithm} differs from that of the certificate to replace, "
            f"{known.key_algorithm}."
        )
    if known.names and not given.facts.names:
        raise faults.invalid("A re-imported certificate must have at least one domain name.")
    lost = _usages(known.details) - _usages(given.facts.details)
    if lost:
        raise faults.invalid(f"A re-imported certificate must keep the key usages {', '.join(sorted(lost))}.")


def _usages(details: CertificateDetails) -> set[str]:
    return {*details.key_usages, *(usage.oid for usage in details.extended_key_usages)}


OPERATIONS: Mapping[str, Operation] = {"ImportCertificate": Operation(import_certificate)}
