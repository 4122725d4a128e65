"""The service's settings, read from the environment once at start."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

DATABASE_URL = "sqlite:///users.db"
TOKEN_EXPIRATION_SECONDS = 30 * 24 * 3600
# Each round more doubles the time of a login; 12 is about 0.2 s.
BCRYPT_LOG_ROUNDS = 12


class SettingsError(Exception):
    """A setting is missing or impossible; the message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`container_id` is what /ping answers, so that one can see which replica served a request.
    `response_delay_ms`: every answer waits so long, for whoever wants to see a slow release."""

    secret_key: str
    database_url: str = DATABASE_URL
    token_expiration_seconds: int = TOKEN_EXPIRATION_SECONDS
    bcrypt_log_rounds: int = BCRYPT_LOG_ROUNDS
    response_delay_ms: int = 0
    container_id: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Raises SettingsError."""
        secret_key = environment.get("SECRET_KEY", "")
        if not secret_key:
            raise SettingsError("set SECRET_KEY: tokens are signed with it; every replica needs the same one")
        return cls(
            secret_key=secret_key,
            database_url=_with_driver(environment.get("DATABASE_URL") or DATABASE_URL),
            token_expiration_seconds=_number(
                environment, "TOKEN_EXPIRATION_SECONDS", TOKEN_EXPIRATION_SECONDS, 1, 10**9
            ),
            # bcrypt itself takes no other numbers of rounds.
            bcrypt_log_rounds=_number(environment, "BCRYPT_LOG_ROUNDS", BCRYPT_LOG_ROUNDS, 4, 31),
            response_delay_ms=_number(environment, "RESPONSE_DELAY_MS", 0, 0, 10_000),
            container_id=environment.get("HOSTNAME") or socket.gethostname(),
        )


def _number(environment: Mapping[str, str], name: str, default: int, lowest: int, highest: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isdecimal() or not lowest <= int(text) <= highest:
        raise SettingsError(f"{name} takes a number from {lowest} to {highest}, not {text!r}")
    return int(text)


def _with_driver(url: str) -> str:
    """The URL with the PostgreSQL driver that is installed: most tools leave it out."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url
