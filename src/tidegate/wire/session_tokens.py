"""Credentials that end: what `sts:GetSessionToken` hands out, and what is accepted of it.

Nothing is stored. The token says which access key it stands for, the temporary key's id and when it ends,
under a MAC made with the long-lived secret; the temporary secret is derived from the token. So sessions
outlive a restart of control, and a standby accepts those of the one before it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

from tidegate.wire import sigv4
from tidegate.wire.faults import Fault

_HEADER = "x-amz-security-token"
_PARAMETER = "X-Amz-Security-Token"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCredentials:
    """A temporary key, its token and its end."""

    access_key_id: str
    secret_key: str = field(repr=False)
    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key that may sign. `owner`: the id of the long-lived key that it is, or stands for. `expires_at`: a
    session's end."""

    secret_key: str = field(repr=False)
    owner: str
    is_session: bool = False
    expires_at: datetime | None = None


def issue(
    access_key_id: str, secret_key: str, *, chance: str, lifetime: timedelta, now: datetime
) -> SessionCredentials:
    """Temporary credentials of a long-lived key. `chance`: 16 letters or digits, never used before."""
    expires_at = (now + lifetime).replace(microsecond=0)
    session_key_id = f"ASIA{chance.upper()}"
    claim = f"{access_key_id}/{session_key_id}/{int(expires_at.timestamp())}"
    encoded = base64.urlsafe_b64encode(claim.encode()).decode().rstrip("=")
    return SessionCredentials(
        access_key_id=session_key_id,
        secret_key=_session_secret(secret_key, claim),
        token=f"{encoded}.{_derived(secret_key, 'token', claim)}",
        expires_at=expires_at,
    )


def token_of(headers: Mapping[str, str], query: str) -> str:
    """The session token that a request brings, in its headers or as a presigned URL; empty without."""
    token = headers.get(_HEADER, "")
    if not token and _PARAMETER in query:
        token = parse_qs(query).get(_PARAMETER, [""])[0]
    return token


def key_of(
    access_key_id: str, token: str, secret_key_of: Callable[[str], str | None], now: datetime
) -> Key | None:
    """The key that signs under this id; None for one that nobody knows, or that has no such token.
    Raises Fault ExpiredToken."""
    secret = secret_key_of(access_key_id)
    if secret is not None:
        return Key(secret_key=secret, owner=access_key_id)
    encoded, _, mac = token.partition(".")
    claim = _decoded(encoded)
    owner, _, rest = claim.partition("/")
    session_key_id, _, expiry = rest.partition("/")
    owner_secret = secret_key_of(owner) if owner else None
    if owner_secret is None or session_key_id != access_key_id:
        return None
    if not hmac.compare_digest(_derived(owner_secret, "token", claim).encode(), mac.encode()):
        return None
    expires_at = datetime.fromtimestamp(int(expiry), UTC)
    if expires_at <= now:
        raise Fault("ExpiredToken", "The security token included in the request is expired", 403)
    session_secret = _session_secret(owner_secret, claim)
    return Key(secret_key=session_secret, owner=owner, is_session=True, expires_at=expires_at)


def verify(
    claim: sigv4.Claim,
    request: sigv4.SignedRequest,
    secret_key_of: Callable[[str], str | None],
    now: datetime,
) -> Key:
    """The key that signed a request. Raises Fault ExpiredToken, and as `sigv4.verify` does."""
    key_id = claim.scope.access_key_id
    key = key_of(key_id, token_of(request.headers, request.query), secret_key_of, now)
    sigv4.verify(claim, request, lambda _: key.secret_key if key else None, now)
    assert key is not None
    return key


def _decoded(encoded: str) -> str:
    try:
        return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
    except (binascii.Error, ValueError):
        return ""


def _session_secret(secret_key: str, claim: str) -> str:
    # As long as AWS's secret keys are.
    return _derived(secret_key, "secret", claim)[:40]


def _derived(secret_key: str, purpose: str, claim: str) -> str:
    return hmac.new(
        f"TIDEGATE{secret_key}".encode(), f"session {purpose}\n{claim}".encode(), hashlib.sha256
    ).hexdigest()
