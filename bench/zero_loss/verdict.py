"""What the load saw, and whether anything in it speaks against zero loss. No I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tidegate.cli.demo.load import Failure, Tally

# How the load balancer answers a request that was inside a dead container and may not be repeated.
LOST_INSIDE = "status 502"
# Below this share of the asked rate the machine, not the product, was what the drill measured.
RATE_SHARE_MIN = 0.9


@dataclass(frozen=True, slots=True)
class Kill:
    """A container's SIGKILL, in seconds of the load's clock: `began` just before it, `gone` when nothing
    accepted a connection on its host port any more."""

    began: float
    gone: float

    def excuses(self, failure: Failure) -> bool:
        """Whether the request was inside the container when it died and a client may not repeat it: nobody
        can tell whether it took effect, so the load balancer sends it to no other."""
        was_inside = failure.sent_at <= self.gone and failure.failed_at >= self.began
        return was_inside and not failure.is_repeatable and failure.reason == LOST_INSIDE


@dataclass(frozen=True, slots=True)
class Window:
    """A deploy, a kill or the time around them, and what the load saw meanwhile."""

    name: str
    seconds: float
    tally: Tally


def unexcused(tally: Tally, kills: Sequence[Kill]) -> list[Failure]:
    """Failures that no kill excuses; requests in flight count where they end, so any kill may."""
    return [failure for failure in tally.failures if not any(kill.excuses(failure) for kill in kills)]


def faults(
    windows: Sequence[Window], kills: Sequence[Kill], rows: Mapping[int, int], asked_rate: float
) -> list[str]:
    """What speaks against zero loss, or against the drill having proved it; empty when nothing does.

    `rows` says how many rows the registration of each number has left.
    """
    tallies = [window.tally for window in windows]
    sent = sum(tally.sent for tally in tallies)
    ended = sum(tally.completed + len(tally.failures) for tally in tallies)
    seconds = sum(window.seconds for window in windows)
    failed = [failure for tally in tallies for failure in unexcused(tally, kills)]
    checks = [
        (len(failed), "failures that nothing excuses"),
        (sent - ended, "requests that never ended"),
        *_of_registrations(tallies, rows),
    ]
    found = [f"{count} {what}" for count, what in checks if count]
    if not any(tally.answered_once for tally in tallies):
        found.append("no registration was answered")
    if sent < RATE_SHARE_MIN * asked_rate * seconds:
        found.append(f"{sent / seconds:.0f} requests a second were sent instead of {asked_rate:g}")
    return found


def _of_registrations(tallies: Sequence[Tally], rows: Mapping[int, int]) -> list[tuple[int, str]]:
    answered = Counter(number for tally in tallies for number in tally.answered_once)
    lost = {f.number for tally in tallies for f in tally.failures if not f.is_repeatable}
    return [
        (len(answered.keys() - rows.keys()), "registrations answered 201 that left no row"),
        (sum(1 for count in rows.values() if count > 1), "registrations that left more than one row"),
        (len(rows.keys() - answered.keys() - lost), "rows of registrations that nobody sent"),
    ]
