"""Identifiers and randomness as an argument, in the forms that AWS prints."""

from __future__ import annotations

import secrets
import uuid
from typing import Protocol


class Ids(Protocol):
    """The source of every identifier and every random choice of a process."""

    def hex(self, length: int) -> str:
        """`length` lower-case hexadecimal digits (`i-` + 17, task ids of 32, ...)."""
        ...

    def digits(self, length: int) -> str:
        """`length` decimal digits, the first one not 0 (`ecs-svc/` + 19)."""
        ...

    def uuid(self) -> str:
        """A random UUID in its dashed form (service events, request ids)."""
        ...


class RandomIds:
    """Identifiers from the operating system's randomness."""

    def hex(self, length: int) -> str:
        return secrets.token_hex((length + 1) // 2)[:length]

    def digits(self, length: int) -> str:
        return str(secrets.randbelow(9 * 10 ** (length - 1)) + 10 ** (length - 1))

    def uuid(self) -> str:
        return str(uuid.uuid4())
