"""Which sessions are one: those of the same provider and client, under the same cookie, at one load balancer.

Everything that HAProxy needs to open them is a function of the document.
"""

from __future__ import annotations

import hashlib
import hmac

import msgspec

from tidegate.fleet.balancing import EdgeAuthentication


def session_key(secret: str, balancer_arn: str, login: EdgeAuthentication) -> bytes:
    """The key of the sessions of an action; another provider's or client's opens none of them."""
    realm = (
        "session",
        balancer_arn,
        login.issuer,
        login.user_info_endpoint,
        login.client_id,
        login.session_cookie_name,
    )
    return hmac.digest(secret.encode(), msgspec.json.encode(realm), hashlib.sha256)


def login_id(login: EdgeAuthentication) -> str:
    """Of an action's whole configuration."""
    return f"login_{hashlib.sha256(msgspec.json.encode(login)).hexdigest()[:16]}"
