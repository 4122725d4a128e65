"""Describing, reading and deleting certificates, renewing them, and changing their options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.acm import faults, finding, views
from tidegate.control.api.acm.validation import is_validation_domain
from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import honours
from tidegate.control.issuing import issued, renewed
from tidegate.control.store import Transaction
from tidegate.control.store.tables import CERTIFICATES
from tidegate.domain.acm import AMAZON_ISSUED, Certificate
from tidegate.wire import Call, Operation


@honours("CertificateArn")
async def describe_certificate(context: ApiContext, call: Call) -> Mapping[str, Any]:
    snapshot = context.store.snapshot
    row = finding.certificate(context, snapshot, call.parameters["CertificateArn"])
    users = finding.users(snapshot, row.arn)
    return {"Certificate": views.detail(row, users, context.settings.account, context.clock.now())}


@honours("CertificateArn")
async def get_certificate(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """The certificate and its chain, never the key. Without a chain the member is absent."""
    row = finding.certificate(context, context.store.snapshot, call.parameters["CertificateArn"])
    return {"Certificate": row.certificate_pem, "CertificateChain": row.chain_pem or None}


@honours("CertificateArn")
async def delete_certificate(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def delete(tx: Transaction) -> None:
        row = finding.certificate(context, tx, call.parameters["CertificateArn"])
        if finding.users(tx, row.arn):
            raise faults.in_use(row.arn, context.settings.account)
        tx.delete(CERTIFICATES, row.arn)

    await context.store.transact(delete)
    return {}


@honours("CertificateArn")
async def renew_certificate(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Renew what the installation's authority issued, now and under the same ARN."""
    now = context.clock.now()
    row = finding.certificate(context, context.store.snapshot, call.parameters["CertificateArn"])
    _check_issued_here(row)
    new = await issued(context.store, context.ids, row.names, row.key_algorithm, now)

    def renew(tx: Transaction) -> None:
        tx.put(CERTIFICATES, renewed(finding.certificate(context, tx, row.arn), new, now))

    await context.store.transact(renew)
    return {}


@honours("CertificateArn", "Options")
async def update_certificate_options(context: ApiContext, call: Call) -> Mapping[str, Any]:
    given = call.parameters["Options"]
    if given.get("Export", "DISABLED") != "DISABLED":
        raise faults.invalid("The value of Export cannot be changed after the certificate is created.")
    if "ValidationMethod" in given:
        raise faults.invalid("Tidegate does not serve the parameter Options.ValidationMethod.")

    def change(tx: Transaction) -> None:
        row = finding.certificate(context, tx, call.parameters["CertificateArn"])
        _check_issued_here(row)
        chosen = given.get("CertificateTransparencyLoggingPreference", row.transparency_logging)
        tx.put(CERTIFICATES, replace(row, transparency_logging=chosen))

    await context.store.transact(change)
    return {}


@honours("CertificateArn", "Domain", "ValidationDomain")
async def resend_validation_email(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Refused by ACM's own rules, since no certificate here ever waits for its validation."""
    row = finding.certificate(context, context.store.snapshot, call.parameters["CertificateArn"])
    domain, at = call.parameters["Domain"].lower(), call.parameters["ValidationDomain"].lower()
    if domain not in row.names:
        raise faults.invalid_domain_option(f"The certificate has no domain {domain}.")
    if not is_validation_domain(at, domain):
        text = f"The validation domain {at} must be {domain} or a domain above it."
        raise faults.invalid_domain_option(text)
    raise faults.invalid_state(f"Certificate {row.arn} is not pending validation.")


def _check_issued_here(row: Certificate) -> None:
    if row.type != AMAZON_ISSUED:
        raise faults.invalid(f"The certificate {row.arn} was imported: only ACM's own can be changed so.")


OPERATIONS: Mapping[str, Operation] = {
    "DescribeCertificate": Operation(describe_certificate),
    "GetCertificate": Operation(get_certificate),
    "DeleteCertificate": Operation(delete_certificate),
    "RenewCertificate": Operation(renew_certificate, "renews every requested certificate, at once"),
    "UpdateCertificateOptions": Operation(
        update_certificate_options, "the transparency preference, kept without effect"
    ),
    "ResendValidationEmail": Operation(
        resend_validation_email, "no certificate is ever pending: always InvalidStateException"
    ),
}
