"""Certificates of HTTPS listeners: found by ARN, and fit for a listener."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tidegate.control.api.elbv2 import faults, finding
from tidegate.control.store.tables import CERTIFICATES
from tidegate.domain.acm import Certificate
from tidegate.domain.arns import parse_arn
from tidegate.wire import Fault

_KEY_ALGORITHMS = ("RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1")


def usable(state: finding.State, arn: str, region: str) -> Certificate:
    """The certificate under an ARN; raises ValidationError, CertificateNotFound, UnsupportedCertificate."""
    parsed = parse_arn(arn)
    if parsed is None or (parsed.service == "acm" and parsed.region != region):
        raise faults.invalid(f"Certificate ARN '{arn}' is not valid")
    # There are no server certificates in IAM: an ARN of one is not found, like any other.
    row = state.get(CERTIFICATES, arn)
    if row is None:
        raise Fault("CertificateNotFound", f"Certificate '{arn}' not found")
    if row.status != "ISSUED" or not row.domain_name or row.key_algorithm not in _KEY_ALGORITHMS:
        raise Fault(
            "UnsupportedCertificate",
            f"The certificate '{arn}' must have a fully-qualified domain name, a supported signature, and a "
            "supported key size.",
        )
    return row


def single_arn(given: Sequence[Mapping[str, Any]]) -> str:
    """The ARN in a list of one certificate; raises ValidationError."""
    if len(given) > 1:
        text = f"Up to '1' certificate ARNs can be specified, but '{len(given)}' were specified"
        raise faults.invalid(text)
    if not given or not given[0].get("CertificateArn"):
        raise faults.invalid("A certificate ARN must be specified")
    if given[0].get("IsDefault") is not None:
        raise faults.invalid("You cannot set the isDefault parameter for a certificate.")
    return str(given[0]["CertificateArn"])
