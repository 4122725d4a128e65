"""How fine points are, and for how long: CloudWatch's retention."""

from __future__ import annotations

from dataclasses import dataclass

_HOUR, _DAY = 3_600, 86_400


@dataclass(frozen=True, slots=True)
class Tier:
    """Points of `seconds` in rows of `chunk_seconds`, kept for `keep_seconds`. The first tier has whatever is
    finer than a minute, at the second where it begins."""

    number: int
    seconds: int
    chunk_seconds: int
    keep_seconds: int


FINE = Tier(0, 1, 600, 3 * _HOUR)
MINUTE = Tier(1, 60, 2 * _HOUR, 15 * _DAY)
FIVE_MINUTES = Tier(2, 300, _DAY, 63 * _DAY)
HOUR = Tier(3, _HOUR, 30 * _DAY, 455 * _DAY)

TIERS = (FINE, MINUTE, FIVE_MINUTES, HOUR)
# What points become when they are too old for their tier; of the others nothing is left.
NEXT = {MINUTE: FIVE_MINUTES, FIVE_MINUTES: HOUR}


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesLimits:
    """`bytes_max`: of chunks and log on disk; beyond it the oldest points grow old before their time.
    `passing_max`: series of single tasks, which get no more points once those end; of more than so many the
    ones that ended first are forgotten. `pending_max`: samples that wait for the disk; beyond it no more are
    taken."""

    bytes_max: int = 1024 * 1024 * 1024
    series_max: int = 200_000
    passing_max: int = 100_000
    pending_max: int = 500_000


def aligned(at: int, seconds: int) -> int:
    return at - at % seconds
