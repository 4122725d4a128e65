"""RequestCertificate: issued at once by the installation's own authority."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tidegate.control.api.acm import faults, finding
from tidegate.control.api.acm.imports import check_count
from tidegate.control.api.acm.validation import is_validation_domain
from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import honours
from tidegate.control.issuing import issued
from tidegate.control.pki import COMMON_NAME_LENGTH_MAX
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import CERTIFICATES
from tidegate.domain.acm import AMAZON_ISSUED, Certificate
from tidegate.domain.tags import Tags
from tidegate.wire import Call, Operation

# The most that AWS raises its quota to; it starts at 10.
NAMES_MAX = 100
KEY_ALGORITHMS = ("RSA_2048", "EC_prime256v1", "EC_secp384r1")
_TOKEN_REMEMBERED_FOR = timedelta(hours=1)


@honours(
    "DomainName",
    "SubjectAlternativeNames",
    "IdempotencyToken",
    "DomainValidationOptions",
    "Options",
    "Tags",
    "KeyAlgorithm",
    only={"ValidationMethod": ("DNS", "EMAIL")},
)
async def request_certificate(context: ApiContext, call: Call) -> Mapping[str, Any]:
    parameters, now = call.parameters, context.clock.now()
    names = _names(parameters)
    key_algorithm = _key_algorithm(parameters)
    validation_domains = _validation_domains(parameters, names)
    transparency_logging = _transparency_logging(parameters)
    tags: Tags = finding.tag_map(parameters.get("Tags"))
    token = parameters.get("IdempotencyToken")
    known = _requested_before(context.store.snapshot, token, now)
    if known is not None:
        return {"CertificateArn": known.arn}
    new = await issued(context.store, context.ids, names, key_algorithm, now)
    row = Certificate(
        arn=context.arns.certificate(context.ids.uuid()),
        domain_name=names[0],
        subject_alternative_names=new.facts.names,
        status="ISSUED",
        type=AMAZON_ISSUED,
        certificate_pem=new.certificate_pem,
        chain_pem=new.chain_pem,
        private_key_pem=new.private_key_pem,
        key_algorithm=key_algorithm,
        not_before=new.facts.not_before,
        not_after=new.facts.not_after,
        created_at=now,
        issued_at=now,
        details=new.facts.details,
        validation_method=parameters.get("ValidationMethod", "EMAIL"),
        validation_domains=validation_domains,
        transparency_logging=transparency_logging,
        idempotency_token=token,
        tags=tags,
    )

    def keep(tx: Transaction) -> str:
        # The same request, sent twice, may have been served while this one's key was made.
        found = _requested_before(tx.state, token, now)
        if found is not None:
            return found.arn
        check_count(tx)
        tx.put(CERTIFICATES, row)
        return row.arn

    return {"CertificateArn": await context.store.transact(keep)}


def _names(parameters: Mapping[str, Any]) -> list[str]:
    """The domain name and the alternative ones, in lower case as ACM keeps them, each once."""
    domain = parameters["DomainName"].lower()
    if len(domain) > COMMON_NAME_LENGTH_MAX:
        text = f"The domain name {domain} is longer than {COMMON_NAME_LENGTH_MAX} characters. Name a shorter "
        raise faults.invalid(f"{text}one first, and this one as a subject alternative name.")
    others = (name.lower() for name in parameters.get("SubjectAlternativeNames") or ())
    names = list(dict.fromkeys((domain, *others)))
    if len(names) > NAMES_MAX:
        raise faults.limit_exceeded("Certificate has too many domains.")
    return names


def _key_algorithm(parameters: Mapping[str, Any]) -> str:
    key_algorithm = str(parameters.get("KeyAlgorithm", KEY_ALGORITHMS[0]))
    if key_algorithm not in KEY_ALGORITHMS:
        listed = ", ".join(KEY_ALGORITHMS)
        text = f"The key algorithm {key_algorithm} is supported for imported certificates only."
        raise faults.invalid(f"{text} Request one of {listed}.")
    return key_algorithm


def _validation_domains(parameters: Mapping[str, Any], names: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for option in parameters.get("DomainValidationOptions") or ():
        name, at = option["DomainName"].lower(), option["ValidationDomain"].lower()
        if name not in names:
            raise faults.invalid_domain_option(f"The certificate request has no domain {name}.")
        if not is_validation_domain(at, name):
            text = f"The validation domain {at} must be {name} or a domain above it."
            raise faults.invalid_domain_option(text)
        found[name] = at
    return found


def _transparency_logging(parameters: Mapping[str, Any]) -> str:
    options = parameters.get("Options") or {}
    if options.get("Export", "DISABLED") != "DISABLED":
        raise faults.invalid("Tidegate serves Options.Export with the value DISABLED only: keys stay inside.")
    if "ValidationMethod" in options:
        raise faults.invalid("Give the ValidationMethod of a new certificate outside Options.")
    return str(options.get("CertificateTransparencyLoggingPreference", "ENABLED"))


def _requested_before(state: Snapshot, token: str | None, now: datetime) -> Certificate | None:
    if token is None:
        return None
    rows = state.by(CERTIFICATES, "idempotency_token", token)
    return next((row for row in rows if now - row.created_at < _TOKEN_REMEMBERED_FOR), None)


OPERATIONS: Mapping[str, Operation] = {
    "RequestCertificate": Operation(
        request_certificate, "issued at once by the installation's own authority; no private CAs, no export"
    )
}
