"""Availability zones of a region."""

from __future__ import annotations

import re
from dataclasses import dataclass

# How zone ids shorten a region's direction: us-east-1 -> use1, ap-southeast-2 -> apse2.
_DIRECTIONS = {
    "north": "n",
    "northeast": "ne",
    "east": "e",
    "southeast": "se",
    "south": "s",
    "southwest": "sw",
    "west": "w",
    "northwest": "nw",
    "central": "c",
}
# us-east-1 has six zones, the other regions three that every account can use.
_LETTERS = {"us-east-1": "abcdef"}


@dataclass(frozen=True, slots=True)
class Zone:
    name: str
    id: str


def zones(region: str) -> tuple[Zone, ...]:
    """The zones of a region, by name."""
    letters = _LETTERS.get(region, "abc")
    short = _short(region)
    return tuple(Zone(f"{region}{letter}", f"{short}-az{n}") for n, letter in enumerate(letters, start=1))


def zone_id(region: str, name: str) -> str | None:
    """The id of a zone by its name."""
    return next((zone.id for zone in zones(region) if zone.name == name), None)


def _short(region: str) -> str:
    match = re.fullmatch(r"([a-z]+(?:-gov)?)-([a-z]+)-(\d+)", region)
    if match is None:
        return region.replace("-", "")
    country, direction, number = match.groups()
    return country.replace("us-gov", "usg") + _DIRECTIONS.get(direction, direction) + number
