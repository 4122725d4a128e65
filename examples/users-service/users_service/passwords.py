"""Password hashes."""

from __future__ import annotations

import base64
import hashlib

import bcrypt


def hash_password(password: str, log_rounds: int) -> str:
    return bcrypt.hashpw(_condensed(password), bcrypt.gensalt(log_rounds)).decode()


def matches(password: str, password_hash: str) -> bool:
    return bcrypt.checkpw(_condensed(password), password_hash.encode())


def _condensed(password: str) -> bytes:
    """Always 44 bytes: bcrypt itself takes 72 at most, and none of them zero."""
    return base64.b64encode(hashlib.sha256(password.encode()).digest())
