"""Counts what is in the access log, from its files, behind the thread that writes them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tidegate.balancer.decisions.traffic.lines import words
from tidegate.balancer.logs.follow import Follower, Position, end_of

# Python does nothing else while it counts these: about 0.2 ms.
_CHUNK_BYTES = 64 * 1024


class LogTally:
    """Not for several threads at a time. `position`: how far an earlier one has read; None: what is written
    from now on is counted."""

    def __init__(self, log: Path, position: Position | None) -> None:
        self._follower = Follower(log)
        self._follower.seek(end_of(log) if position is None else position)
        self._words: Counter[bytes] = Counter()

    @property
    def position(self) -> Position:
        return self._follower.position

    @property
    def segments_lost(self) -> int:
        """Files that were gone before they were counted."""
        return self._follower.segments_lost

    def read(self) -> None:
        """Count the lines that have come since. Raises OSError."""
        while lines := self._follower.read(_CHUNK_BYTES):
            self._words.update(words(lines))

    def take(self) -> Counter[bytes]:
        """What was counted since the last time."""
        taken, self._words = self._words, Counter()
        return taken

    def close(self) -> None:
        self._follower.close()
