"""The way to the provider: where the browser is sent, and what it carries there and back."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import quote, urlencode

import msgspec

from tidegate.balancer.decisions.logins.faults import DENIED, LoginFailedError
from tidegate.balancer.decisions.logins.sealing import seal, unsealed
from tidegate.fleet.balancing import EdgeAuthentication

CALLBACK_PATH = "/oauth2/idpresponse"
LOGIN_SECONDS = 15 * 60

_OWN_PARAMETERS = ("client_id", "redirect_uri", "response_type", "scope", "state")


class LoginState(msgspec.Struct, frozen=True, kw_only=True):
    """`target`: path and query that the user asked for. `nonce_digest`: of the browser's cookie."""

    login: str
    target: str
    nonce_digest: str
    began_at: int
    is_cross_site: bool = False


def state_of(*, login: str, target: str, nonce: str, now: int, is_cross_site: bool) -> LoginState:
    return LoginState(
        login=login,
        target=target if target.startswith("/") else "/",
        nonce_digest=_digest(nonce),
        began_at=now,
        is_cross_site=is_cross_site,
    )


def sealed_state(key: bytes, nonce: bytes, state: LoginState) -> str:
    return seal(key, nonce, msgspec.json.encode(state).decode())


def read_state(key: bytes, sealed: str | None, nonce: str | None, now: int) -> LoginState:
    """The state that comes back, if it began in this browser, not too long ago. Raises LoginFailedError."""
    if not sealed:
        raise LoginFailedError(DENIED, "AuthMissingStateParam")
    text = unsealed(key, sealed)
    if text is None:
        raise LoginFailedError(DENIED, "AuthInvalidStateParam")
    state = msgspec.json.decode(text, type=LoginState)
    if not nonce:
        raise LoginFailedError(DENIED, "AuthMissingAWSALBAuthNonce")
    if not hmac.compare_digest(state.nonce_digest, _digest(nonce)):
        raise LoginFailedError(DENIED, "AuthInvalidAWSALBAuthNonce")
    if now - state.began_at > LOGIN_SECONDS:
        raise LoginFailedError(DENIED, "AuthInvalidStateParam")
    return state


def redirect_uri(host: str) -> str:
    return f"https://{host}{CALLBACK_PATH}"


def authorization_url(login: EdgeAuthentication, host: str, state: str) -> str:
    """Where the browser is sent. Parameters of the user's change none of the protocol's."""
    extra = [(name, value) for name, value in login.extra_parameters if name not in _OWN_PARAMETERS]
    own = (login.client_id, redirect_uri(host), "code", login.scope, state)
    query = urlencode([*zip(_OWN_PARAMETERS, own, strict=True), *extra], quote_via=quote)
    separator = "&" if "?" in login.authorization_endpoint else "?"
    return f"{login.authorization_endpoint}{separator}{query}"


def check_callback(error: str | None, code: str | None) -> str:
    """The code that the provider gave. Raises LoginFailedError."""
    if error == "access_denied":
        raise LoginFailedError(DENIED, "AuthInvalidGrantError")
    if error:
        raise LoginFailedError(561, "AuthInvalidGrantError")
    if not code:
        raise LoginFailedError(DENIED, "AuthMissingCodeParam")
    return code


def _digest(nonce: str) -> str:
    # A browser may send any bytes as its cookie.
    return hashlib.sha256(nonce.encode(errors="surrogateescape")).hexdigest()
