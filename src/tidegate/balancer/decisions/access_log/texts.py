"""How logs write times."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

MICROSECONDS = 1_000_000


def moment(microseconds: int) -> str:
    """Of Unix time, in ISO 8601 with six decimals."""
    seconds, rest = divmod(microseconds, MICROSECONDS)
    return f"{_second(seconds)}.{rest:06d}Z"


@lru_cache(maxsize=4096)
def seconds(milliseconds: int) -> str:
    """With three decimals."""
    return f"{milliseconds / 1000:.3f}"


@lru_cache(maxsize=1024)
def _second(unix_seconds: int) -> str:
    return datetime.fromtimestamp(unix_seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
