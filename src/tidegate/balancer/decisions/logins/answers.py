"""What a provider's answers say about a user, and when they cannot be taken."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

import msgspec

from tidegate.balancer.decisions.logins.faults import DENIED, ERROR, LoginFailedError
from tidegate.fleet.balancing import EdgeAuthentication

# Of an answer; what is larger is no user's.
BYTES_MAX = 64 * 1024
_SKEW_SECONDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """`expires_in`: seconds, None where the provider does not say."""

    access_token: str
    id_token: str | None
    refresh_token: str
    expires_in: int | None


def client_headers(login: EdgeAuthentication) -> dict[str, str]:
    """How a client shows its secret (RFC 6749, 2.3.1); one that has none shows nothing."""
    if not login.client_secret:
        return {}
    pair = f"{quote_plus(login.client_id)}:{quote_plus(login.client_secret)}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def code_form(login: EdgeAuthentication, code: str, redirect_uri: str) -> dict[str, str]:
    return _named(login, {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri})


def refresh_form(login: EdgeAuthentication, refresh_token: str) -> dict[str, str]:
    return _named(login, {"grant_type": "refresh_token", "refresh_token": refresh_token})


def _named(login: EdgeAuthentication, form: dict[str, str]) -> dict[str, str]:
    return form if login.client_secret else {**form, "client_id": login.client_id}


def tokens_of(status: int, content: bytes, refresh_token: str = "") -> Tokens:
    """`refresh_token`: the one that is used, which stays unless there is another. Raises LoginFailedError."""
    if status >= 400:
        raise LoginFailedError(ERROR, "AuthInvalidGrantError")
    found = _object(content, "AuthInvalidTokenResponse")
    access = _text(found, "access_token", "AuthInvalidTokenResponse")
    if not access or status != 200:
        raise LoginFailedError(ERROR, "AuthInvalidTokenResponse")
    refresh = _text(found, "refresh_token", "AuthInvalidTokenResponse")
    return Tokens(
        access_token=access,
        id_token=_text(found, "id_token", "AuthInvalidTokenResponse") or None,
        refresh_token=refresh or refresh_token,
        expires_in=_seconds(found.get("expires_in")),
    )


def subject_of(login: EdgeAuthentication, id_token: str | None, now: int) -> str:
    """Whom an ID token is about. It came from the token endpoint itself, over TLS, which stands for its
    signature (OpenID Connect Core, 3.1.3.7). Raises LoginFailedError."""
    claims = _payload(id_token or "")
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    ends = claims.get("exp")
    subject = claims.get("sub")
    if (
        claims.get("iss") != login.issuer
        or login.client_id not in audiences
        or not isinstance(ends, (int, float))
        or ends + _SKEW_SECONDS <= now
        or not isinstance(subject, str)
    ):
        raise LoginFailedError(DENIED, "AuthInvalidIdToken")
    return subject


def _payload(token: str) -> Mapping[str, Any]:
    parts = token.split(".")
    if len(parts) != 3:
        raise LoginFailedError(DENIED, "AuthInvalidIdToken")
    try:
        content = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        return msgspec.json.decode(content, type=dict[str, Any])
    except ValueError as error:
        raise LoginFailedError(DENIED, "AuthInvalidIdToken") from error


def user_of(status: int, content: bytes, subject: str | None) -> Mapping[str, Any]:
    """The claims of the user info endpoint, which must be about the same user as the ID token, if there is
    one. Raises LoginFailedError."""
    reason = "AuthInvalidUserinfoResponse"
    if status != 200:
        raise LoginFailedError(ERROR, reason)
    claims = _object(content, reason)
    if not _text(claims, "sub", reason) or subject not in (None, claims["sub"]):
        raise LoginFailedError(ERROR, reason)
    return claims


def _object(content: bytes, reason: str) -> Mapping[str, Any]:
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise LoginFailedError(ERROR, reason) from error


def _text(found: Mapping[str, Any], name: str, reason: str) -> str:
    """What may stand in a header, or nothing."""
    value = found.get(name) or ""
    if not isinstance(value, str) or not (value.isascii() and value.isprintable()):
        raise LoginFailedError(ERROR, reason)
    return value


def _seconds(value: object) -> int | None:
    """Some providers write the number as a string."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return int(value) if isinstance(value, (int, float)) and value >= 0 else None
