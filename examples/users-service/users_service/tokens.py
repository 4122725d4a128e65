"""Bearer tokens: JWTs that name a user and expire."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt

_ALGORITHM = "HS256"


class InvalidTokenError(Exception):
    """Not one of ours, or broken."""


class ExpiredTokenError(Exception):
    """One of ours, but too old."""


@dataclass(frozen=True, slots=True)
class Token:
    """What a valid token says."""

    id: str
    user_id: int
    expires_at: datetime


class Tokens:
    def __init__(self, secret_key: str, lifetime_seconds: int) -> None:
        # HS256 wants a key of 256 bits, whatever the length of the secret.
        self._key = hashlib.sha256(secret_key.encode()).digest()
        self._lifetime = timedelta(seconds=lifetime_seconds)

    def issue(self, user_id: int, now: datetime) -> str:
        claims = {"sub": str(user_id), "iat": now, "exp": now + self._lifetime, "jti": uuid.uuid4().hex}
        return jwt.encode(claims, self._key, _ALGORITHM)

    def read(self, text: str) -> Token:
        """Raises InvalidTokenError or ExpiredTokenError."""
        try:
            claims = jwt.decode(text, self._key, [_ALGORITHM], options={"require": ["sub", "exp", "jti"]})
            expires_at = datetime.fromtimestamp(claims["exp"], UTC)
            return Token(str(claims["jti"]), int(claims["sub"]), expires_at)
        except jwt.ExpiredSignatureError as error:
            raise ExpiredTokenError from error
        # A token's first part is decoded before its signature is known to be ours: it can be anything,
        # brackets nested a thousand deep included.
        except (jwt.InvalidTokenError, ValueError, RecursionError) as error:
            raise InvalidTokenError from error
