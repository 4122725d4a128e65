"""A user's session, as the browser keeps it, sealed, and as HAProxy reads it: fields with tabs between them.

HAProxy reads the first five (`templates/logins.cfg.j2`); the others are for the balancer alone.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import astuple, dataclass, fields

from tidegate.balancer.decisions.logins.faults import UNREACHABLE, LoginFailedError
from tidegate.balancer.decisions.logins.sealing import sealed_length

SEPARATOR = "\t"
NONCE_COOKIE = "AWSALBAuthNonce"
PIECES_MAX = 4
# With its name and attributes each stays below the 4,096 bytes that browsers keep of a cookie.
_PIECE_BYTES = 3800
# What HAProxy can take of a request's headers, less what the rest of them may need.
_SEALED_BYTES_MAX = 11_000
# Where a provider says that what it gives is over at once, not every request can ask it again.
_REFRESH_SECONDS_MIN = 2
# The limit that holds is inside: the browser's is only when it forgets.
_COOKIE_SECONDS = 7 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Times in seconds since the epoch; `refresh_at` is that of the end where nothing can be refreshed.
    `claims`: the signed token about the user that targets get. `is_cross_site`: whether pages of other
    sites may send its cookies."""

    ends_at: int
    refresh_at: int
    subject: str
    access_token: str
    claims: str
    refresh_token: str = ""
    is_cross_site: bool = False


def begun(subject: str, *, ends_at: int, is_cross_site: bool) -> Session:
    """A user's session before anything is known but who it is."""
    return Session(
        ends_at=ends_at,
        refresh_at=ends_at,
        subject=subject,
        access_token="",
        claims="",
        is_cross_site=is_cross_site,
    )


def text_of(session: Session) -> str:
    """Raises LoginFailedError for what would not fit into a request's headers."""
    text = SEPARATOR.join(_written(value) for value in astuple(session))
    if sealed_length(len(text.encode())) > _SEALED_BYTES_MAX:
        raise LoginFailedError(UNREACHABLE, "AuthUserinfoResponseSizeExceeded")
    return text


def session_of(text: str) -> Session:
    """Raises ValueError for what is no session's text."""
    values = text.split(SEPARATOR)
    if len(values) != len(fields(Session)):
        raise ValueError("no session")
    ends_at, refresh_at, subject, access_token, claims, refresh_token, is_cross_site = values
    return Session(
        ends_at=int(ends_at),
        refresh_at=int(refresh_at),
        subject=subject,
        access_token=access_token,
        claims=claims,
        refresh_token=refresh_token,
        is_cross_site=is_cross_site == _written(True),
    )


def _written(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def refresh_time(now: int, ends_at: int, expires_in: int | None, refresh_token: str) -> int:
    """When the claims of a session are asked for again."""
    if not refresh_token or expires_in is None:
        return ends_at
    return min(ends_at, now + max(expires_in, _REFRESH_SECONDS_MIN))


def cookies(name: str, sealed: str, pieces_before: int, *, is_cross_site: bool) -> list[str]:
    """Values of Set-Cookie for a session, and for what is left of one that had more pieces."""
    pieces = [sealed[at : at + _PIECE_BYTES] for at in range(0, len(sealed), _PIECE_BYTES)]
    kept = [
        _cookie(f"{name}-{number}", piece, _COOKIE_SECONDS, is_cross_site)
        for number, piece in enumerate(pieces)
    ]
    left = range(len(pieces), pieces_before)
    return [*kept, *(_cookie(f"{name}-{number}", "", 0, is_cross_site) for number in left)]


def pieces_of(text: str) -> int:
    """How many cookies a session has."""
    return -(-sealed_length(len(text.encode())) // _PIECE_BYTES)


def cookies_of(header: str) -> dict[str, str]:
    """What a browser sends, by name, whatever else stands between: other applications' cookies are none of
    ours to judge."""
    pairs = (part.strip().partition("=") for part in header.split(";"))
    return {name: value for name, _, value in pairs}


def pieces_sent(name: str, present: Collection[str]) -> int:
    """How many a browser has sent: one more than the number of the last."""
    return max((number + 1 for number in range(PIECES_MAX) if f"{name}-{number}" in present), default=0)


def nonce_cookie(nonce: str, seconds: int) -> str:
    """What ties a login to the browser that began it; 0 seconds: it has ended."""
    return _cookie(NONCE_COOKIE, nonce, seconds, is_cross_site=False)


def _cookie(name: str, value: str, seconds: int, is_cross_site: bool) -> str:
    site = "; SameSite=None" if is_cross_site else ""
    return f"{name}={value}; Max-Age={seconds}; Path=/; Secure; HttpOnly{site}"
