"""Identifiers that a seed reproduces."""

from __future__ import annotations

import random
import uuid


class SeededIds:
    """The same seed gives the same identifiers in the same order."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)

    def hex(self, length: int) -> str:
        return "".join(self._random.choices("0123456789abcdef", k=length))

    def digits(self, length: int) -> str:
        return str(self._random.randrange(10 ** (length - 1), 10**length))

    def uuid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))
