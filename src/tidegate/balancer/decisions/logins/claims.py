"""The token about a user that targets get (`x-amzn-oidc-data`): what is signed, and how it is written.

As load balancers of AWS write it: a JWT whose three parts keep the padding of base64url.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import msgspec

from tidegate.fleet.balancing import EdgeAuthentication


def signing_input(
    login: EdgeAuthentication, claims: Mapping[str, Any], *, key_id: str, signer: str, ends_at: int
) -> str:
    """The two parts that are signed. `signer`: the load balancer's ARN."""
    header = {
        "typ": "JWT",
        "kid": key_id,
        "alg": "ES256",
        "iss": login.issuer,
        "client": login.client_id,
        "signer": signer,
        "exp": ends_at,
    }
    payload = {**claims, "exp": ends_at, "iss": login.issuer}
    return f"{_segment(msgspec.json.encode(header))}.{_segment(msgspec.json.encode(payload))}"


def signed(content: str, r: int, s: int) -> str:
    """With the two numbers of an ECDSA signature on P-256."""
    return f"{content}.{_segment(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def _segment(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode()
