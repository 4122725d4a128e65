"""Mutual TLS of HTTPS listeners: read from requests and shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tidegate.control.api.elbv2 import faults
from tidegate.control.api.elbv2.trust_store_content import trust_store
from tidegate.control.store import Transaction
from tidegate.domain.elbv2 import Listener, MutualAuthentication
from tidegate.wire import Fault

_MODES = ("off", "passthrough", "verify")
_VERIFYING_MAX = 2


def parse(tx: Transaction, given: Mapping[str, Any]) -> MutualAuthentication:
    """The settings of a request; raises the fault of what is wrong."""
    mode = given.get("Mode")
    if mode not in _MODES:
        raise faults.invalid("Mutual Authentication mode required not found")
    if given.get("ClientCertificateIdentityFilters"):
        raise faults.unsupported("A filter of client certificate identities")
    arn = given.get("TrustStoreArn")
    ignores_expiry = bool(given.get("IgnoreClientCertificateExpiry"))
    advertises = given.get("AdvertiseTrustStoreCaNames") == "on"
    start = f"Mutual Authentication mode {mode} "
    if mode == "verify":
        if not arn:
            raise faults.invalid(f"{start}requires a trust store arn")
        _check_trust_store(tx, arn)
    # What is spelt out and in effect anyway is no contradiction.
    elif ignores_expiry:
        raise faults.invalid(f"{start}does not support ignoring client certificate expiry")
    elif advertises:
        raise faults.invalid(f"{start}does not support advertise trust store ca names")
    elif arn:
        # By analogy: AWS's words are not known.
        raise faults.invalid(f"{start}does not support trust store arn")
    return MutualAuthentication(
        mode=mode,
        trust_store_arn=arn,
        ignore_client_certificate_expiry=ignores_expiry,
        advertise_trust_store_ca_names=advertises,
    )


def _check_trust_store(tx: Transaction, arn: str) -> None:
    if trust_store(tx, arn).status != "ACTIVE":
        raise Fault("TrustStoreNotReady", f"Trust store '{arn}' is not active")


def check_count(balancer_arn: str, listeners: Iterable[Listener]) -> None:
    """Raise ValidationError when more of a load balancer's listeners verify than may."""
    modes = [one.mutual_authentication.mode for one in listeners if one.mutual_authentication]
    if modes.count("verify") > _VERIFYING_MAX:
        raise faults.invalid(
            "You have reached the maximum number of listeners with mutual authentication with verify mode "
            f"that you can associate with load balancer '{balancer_arn}': [{_VERIFYING_MAX}]"
        )


def view(settings: MutualAuthentication) -> dict[str, Any]:
    if settings.mode != "verify":
        return {"Mode": settings.mode}
    return {
        "Mode": settings.mode,
        "TrustStoreArn": settings.trust_store_arn,
        "IgnoreClientCertificateExpiry": settings.ignore_client_certificate_expiry,
        # Stores are not shared between accounts, so that none can be taken away.
        "TrustStoreAssociationStatus": "active",
        "AdvertiseTrustStoreCaNames": "on" if settings.advertise_trust_store_ca_names else "off",
    }
