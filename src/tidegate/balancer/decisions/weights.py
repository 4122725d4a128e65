"""What share of a group's requests each target should get, as HAProxy's weights."""

from __future__ import annotations

from collections.abc import Mapping

from tidegate.balancer.decisions.eligibility import Key
from tidegate.fleet.balancing import GroupDocument

# Enough steps for a slow start; round robin is exact at any weight.
_RAMP = 100
# HAProxy's `random` draws from a ring with 16 points per unit of weight. Two servers of weight 1 differ by
# 14 %, of 256 by 0.3 %; but each point takes memory and time, so that many servers share a bounded ring.
# Powers of two: a target that comes or goes seldom changes the weights of the others.
_RING_WEIGHT = 4096
_RING_WEIGHT_MAX, _RING_WEIGHT_MIN = 256, 16


def full_weight(group: GroupDocument) -> int:
    """The weight of a target with a full share."""
    if group.algorithm == "weighted_random":
        share = _RING_WEIGHT // max(1, len(group.targets))
        return max(_RING_WEIGHT_MIN, min(_RING_WEIGHT_MAX, 1 << (share.bit_length() - 1) if share else 0))
    return _RAMP if group.slow_start_seconds else 1


def weight(group: GroupDocument, key: Key, shares: Mapping[Key, float]) -> int:
    """A target's weight; `shares` of a full share, of those targets that have less. Never 0, with which a
    target would get nothing."""
    return max(1, round(full_weight(group) * shares.get(key, 1.0)))
