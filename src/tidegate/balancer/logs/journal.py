"""What the delivery of logs must know after a crash: how far lines are in objects that are whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from tidegate.balancer.logs.follow import Position
from tidegate.fleet.files import write_whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A batch that is being made into objects: all lines up to there, by file. `end`: of its interval, in
    Unix seconds; `unique`: what its objects' names end with."""

    until: Mapping[str, Position]
    end: int
    unique: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """`delivered`: how far lines are in objects, by file. `sealed`: the batch after that, when it was begun
    to be put into objects; these are made again, under the same names, by who finds it here."""

    delivered: Mapping[str, Position] = field(default_factory=dict)
    sealed: Sealed | None = None


def load(path: Path) -> Journal:
    """The journal; an empty one where there is none, or none that can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Journal)
    except (FileNotFoundError, msgspec.DecodeError):
        return Journal()


def save(path: Path, journal: Journal) -> None:
    """On disk when this returns. Raises OSError."""
    write_whole(path, msgspec.json.encode(journal))
