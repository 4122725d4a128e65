"""Reports of traffic on their way from the spool to control: the oldest first, and one at a time.

After an outage hundreds wait, of half a megabyte each. The next one goes when control has the one before,
so that both ends have time between them for what cannot wait. Order matters: to control, a report before
the newest that it has is one that comes again.
"""

from __future__ import annotations

from collections.abc import Callable

from tidegate.balancer.spool import Spool
from tidegate.fleet.balancing import TrafficReceipt, TrafficReport
from tidegate.fleet.session import Frame

# Without a receipt: control's disk may not have taken the report, and has room later.
SEND_AGAIN_SECONDS = 30.0


class Dispatch:
    """`send` gets each report, and does nothing while control is away. Times: monotonic, in seconds."""

    def __init__(self, spool: Spool, send: Callable[[Frame], None]) -> None:
        self._spool = spool
        self._send = send
        self._underway: int | None = None
        self._sent_at = 0.0

    def begin(self, now: float) -> list[Frame]:
        """What a new connection is told: what was under way on the one before may be lost. Raises OSError."""
        self._underway = None
        frame = self._next(now)
        return [] if frame is None else [frame]

    def look(self, now: float) -> None:
        """Send the oldest report, unless one is under way. Raises OSError."""
        if self._underway is None or now - self._sent_at >= SEND_AGAIN_SECONDS:
            frame = self._next(now)
            if frame is not None:
                self._send(frame)

    def receive(self, receipt: TrafficReceipt, now: float) -> None:
        """Control has this report: the next may go. Raises OSError."""
        if receipt.source != self._spool.progress.source:
            return
        self._spool.drop(receipt.sequence)
        if self._underway is not None and self._underway <= receipt.sequence:
            self._underway = None
        self.look(now)

    def _next(self, now: float) -> Frame | None:
        found = self._spool.oldest()
        if found is None:
            self._underway = None
            return None
        self._underway, report = found
        self._sent_at = now
        return Frame(type=TrafficReport.__name__, message=report)
