"""Targets that fail more of their requests than their peers do, and the share of requests they then get.

A target is anomalous when its share of 5xx answers and failed connections is clearly above that of the other
healthy targets of its group: by more than chance would do it, and by enough to matter. Its health has no part
in it. Where the group mitigates, an anomalous target's share of requests is halved every five seconds, down
to a trickle that shows when it is well again, and is then doubled as often.

Each target is judged over the requests since it was last judged; with too few of them to tell it keeps its
judgement, and they count the next time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import sqrt

from tidegate.balancer.decisions.eligibility import Key

EVERY_SECONDS = 5.0
_HEALTHY_MIN = 3
_REQUESTS_MIN = 10
# Deviations and difference: one request of twenty that fails beside peers that fail none is not chance.
_DEVIATIONS_MIN = 3.0
_DIFFERENCE_MIN = 0.05
_TRICKLE = 1 / 32


@dataclass(frozen=True, slots=True)
class Counts:
    """Requests that a target was sent, and those of them that failed."""

    requests: int = 0
    failures: int = 0

    def since(self, earlier: Counts) -> Counts:
        """What came after; all of it when counting began anew, with a new worker."""
        if self.requests < earlier.requests:
            return self
        return Counts(self.requests - earlier.requests, max(0, self.failures - earlier.failures))

    def plus(self, other: Counts) -> Counts:
        return Counts(self.requests + other.requests, self.failures + other.failures)


@dataclass(frozen=True, slots=True)
class Judgement:
    """`share`: of a full share of requests."""

    is_anomalous: bool = False
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Anomalies:
    """What a group's last judging left: the counts from which each target's next one starts."""

    counted: Mapping[Key, Counts] = field(default_factory=dict)
    judged: Mapping[Key, Judgement] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """Whether every target is as it should be."""
        return all(one == Judgement() for one in self.judged.values())


def judge(before: Anomalies, counts: Mapping[Key, Counts], *, mitigates: bool) -> Anomalies:
    """Judge a group's healthy targets by what they have counted in all until now."""
    if len(counts) < _HEALTHY_MIN:
        return Anomalies(counted=dict(counts))
    recent = {key: count.since(before.counted.get(key, count)) for key, count in counts.items()}
    total = Counts()
    for count in recent.values():
        total = total.plus(count)
    counted: dict[Key, Counts] = {}
    judged: dict[Key, Judgement] = {}
    for key, own in recent.items():
        known = before.judged.get(key, Judgement())
        peers = Counts(total.requests - own.requests, total.failures - own.failures)
        if min(own.requests, peers.requests) < _REQUESTS_MIN:
            counted[key], judged[key] = before.counted.get(key, counts[key]), known
        else:
            counted[key], judged[key] = counts[key], _judged(known, _stands_out(own, peers))
    if not mitigates:
        judged = {key: replace(one, share=1.0) for key, one in judged.items()}
    return Anomalies(counted, judged)


def _stands_out(own: Counts, peers: Counts) -> bool:
    pooled = (own.failures + peers.failures) / (own.requests + peers.requests)
    deviation = sqrt(pooled * (1 - pooled) * (1 / own.requests + 1 / peers.requests))
    difference = own.failures / own.requests - peers.failures / peers.requests
    return difference > max(_DIFFERENCE_MIN, _DEVIATIONS_MIN * deviation)


def _judged(known: Judgement, is_anomalous: bool) -> Judgement:
    share = max(_TRICKLE, known.share / 2) if is_anomalous else min(1.0, known.share * 2)
    return Judgement(is_anomalous, share)
