"""Where measurements go that balancers report."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Protocol

from tidegate.domain.cloudwatch import Sample

_SAMPLES_MAX = 50_000


class MetricSink(Protocol):
    async def take(self, source: str, sequence: int, samples: Sequence[Sample]) -> None:
        """Keep what a source has measured, and return when that is as durable as it gets. Sequences of a
        source grow; one that is not greater than what was taken of it comes again, and means nothing.
        Raises StoreFailedError: the source sends it once more."""


class RecentMetrics:
    """The newest samples, in memory."""

    def __init__(self) -> None:
        self.samples: deque[Sample] = deque(maxlen=_SAMPLES_MAX)
        self._taken: dict[str, int] = {}

    async def take(self, source: str, sequence: int, samples: Sequence[Sample]) -> None:
        if sequence > self._taken.get(source, -1):
            self._taken[source] = sequence
            self.samples.extend(samples)
