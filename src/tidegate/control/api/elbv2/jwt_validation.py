"""The action that asks for a token: jwt-validation. AWS's words for what is wrong with one are not known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidegate.control.api.elbv2.faults import invalid_action
from tidegate.control.api.elbv2.urls import https_url
from tidegate.domain.elbv2 import JwtClaim, JwtValidationConfig

_LENGTH_MAX = 256
_CLAIMS_MAX = 10
_VALUES_MAX = 10
# Checked of every token anyway.
_STANDARD = ("exp", "iss", "nbf", "iat")

Given = Mapping[str, Any]


def parse(config: Given) -> JwtValidationConfig:
    claims = config.get("AdditionalClaims") or ()
    if len(claims) > _CLAIMS_MAX:
        raise invalid_action(f"You can specify up to {_CLAIMS_MAX} additional claims")
    return JwtValidationConfig(
        jwks_endpoint=_bounded("JWKS endpoint", https_url(config["JwksEndpoint"])),
        issuer=_bounded("issuer", config["Issuer"]),
        additional_claims=tuple(_claim(claim) for claim in claims),
    )


def _claim(claim: Given) -> JwtClaim:
    name, values = claim["Name"], claim["Values"]
    if name in _STANDARD:
        raise invalid_action(f"The claim '{name}' cannot be specified as an additional claim")
    if not 1 <= len(values) <= _VALUES_MAX:
        raise invalid_action(f"A claim must have between 1 and {_VALUES_MAX} values")
    for value in values:
        _bounded("claim value", value)
        if claim["Format"] == "space-separated-values" and " " in value:
            text = f"The claim value '{value}' cannot include spaces with the format '{claim['Format']}'"
            raise invalid_action(text)
    return JwtClaim(format=claim["Format"], name=_bounded("claim name", name), values=tuple(values))


def _bounded(what: str, text: str) -> str:
    if not 1 <= len(text) <= _LENGTH_MAX:
        raise invalid_action(f"The '{what}' field must be between 1 and {_LENGTH_MAX} characters in length")
    return text


def view(jwt: JwtValidationConfig) -> dict[str, Any]:
    claims = [
        {"Format": claim.format, "Name": claim.name, "Values": list(claim.values)}
        for claim in jwt.additional_claims
    ]
    return {
        "JwksEndpoint": jwt.jwks_endpoint,
        "Issuer": jwt.issuer,
        "AdditionalClaims": claims or None,
    }
