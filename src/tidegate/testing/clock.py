"""A clock that stands still until told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class FakeClock:
    """Starts at 2026-01-01T00:00:00Z; `advance` and `correct` are the only things that move it."""

    def __init__(self, start: datetime = EPOCH) -> None:
        self._now = start
        self._elapsed = 0.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._elapsed

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        self._elapsed += seconds

    def correct(self, seconds: float) -> None:
        """Set the time forth or back, as somebody who corrects a clock; time itself goes on as it did."""
        self._now += timedelta(seconds=seconds)
