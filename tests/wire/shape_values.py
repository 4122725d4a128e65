"""A value for every shape: the same shape and seed always give the same value."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

from botocore.model import Shape

# Recursive shapes (EC2's and SSM's) are entered this often on one path.
_RECURSIONS_MAX = 2
_TEXT = ("plain", "a b", "ä & <tag> \"quoted\" 'single'", "100 %+/=?", "x" * 40, "line\nbreak\r\n", "日本")


class ValueMaker:
    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._path: list[str] = []

    def value(self, shape: Shape) -> Any:
        """A value with every member, or for a union with one of them."""
        if getattr(shape, "is_document_type", False):
            return {"any": ["thing", 1, None, {"deep": True}]}
        return getattr(self, f"_{shape.type_name}", self._number)(shape)

    def _structure(self, shape: Shape) -> dict[str, Any]:
        self._path.append(shape.name)
        try:
            members = {n: m for n, m in shape.members.items() if not self._is_too_deep(m)}
            if getattr(shape, "is_tagged_union", False):
                name = self._random.choice(sorted(members))
                members = {name: members[name]}
            return {name: self.value(member) for name, member in members.items()}
        finally:
            self._path.pop()

    def _is_too_deep(self, shape: Shape) -> bool:
        if shape.type_name == "list":
            return self._is_too_deep(shape.member)
        if shape.type_name == "map":
            return self._is_too_deep(shape.value)
        return self._path.count(shape.name) >= _RECURSIONS_MAX

    def _list(self, shape: Shape) -> list[Any]:
        # Eleven at the top, so that 10 and 11 must come after 9; few below, since they multiply.
        count = 11 if len(self._path) == 1 else self._random.randint(1, 2)
        return [self.value(shape.member) for _ in range(count)]

    def _map(self, shape: Shape) -> dict[str, Any]:
        count = self._random.randint(1, 3)
        return {f"{self._string(shape.key)}{number}": self.value(shape.value) for number in range(count)}

    def _string(self, shape: Shape) -> str:
        if shape.metadata.get("enum"):
            return str(self._random.choice(shape.metadata["enum"]))
        return self._random.choice(_TEXT)

    def _boolean(self, _shape: Shape) -> bool:
        return self._random.random() < 0.5

    def _timestamp(self, _shape: Shape) -> datetime:
        seconds = self._random.randint(1_600_000_000, 1_900_000_000)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=123_000)

    def _blob(self, _shape: Shape) -> bytes:
        return self._random.randbytes(20)

    def _number(self, shape: Shape) -> int | float:
        low = int(shape.metadata.get("min", 0))
        number = low + self._random.randint(0, 1000)
        return number + 0.25 if shape.type_name in ("float", "double") else number
