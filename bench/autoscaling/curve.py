"""What a run looked like, second by second, and what must hold of it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

# The spans of the policies' alarms at the bench's pace.
SPAN_SECONDS = 5

_COUNT = re.compile(r"Setting desired count to (\d+)\.")


@dataclass(frozen=True, slots=True)
class Second:
    """`at`: seconds since the run began. `rate`: requests a second that were sent."""

    at: float
    rate: float
    desired: int
    running: int


@dataclass(frozen=True, slots=True)
class Point:
    """What the policy's metric was in a span that began at `at`."""

    at: float
    value: float


@dataclass(frozen=True, slots=True)
class Move:
    """A change of the desired count, in seconds since the run began. `load`: the targets' worth of requests
    at that time, which is how many tasks the policy's target asks for."""

    at: float
    before: int
    after: int
    load: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """`low_seconds`: how long the low alarm takes. `noise`: by how much the load that a datapoint shows may
    differ from what was sent: requests fall on either side of a span's end."""

    minimum: int
    maximum: int
    low_seconds: float
    noise: float = 0.25


def moves(seconds: Sequence[Second], per_task: float) -> list[Move]:
    """`per_task`: requests a second that one task is to answer."""
    found = []
    for before, after in pairwise(seconds):
        if before.desired != after.desired:
            found.append(Move(after.at, before.desired, after.desired, before.rate / per_task))
    return found


def faults(seconds: Sequence[Second], per_task: float, bounds: Bounds) -> Iterator[str]:
    """What is not as the documented algorithm has it: out of bounds, more or less than the load asks for, or
    to and fro."""
    for second in seconds:
        if not bounds.minimum <= second.desired <= bounds.maximum:
            yield f"at {second.at:.0f} s the desired count is {second.desired}"
    changes = moves(seconds, per_task)
    for move in changes:
        most = max(move.before + 1, math.ceil(move.load * (1 + bounds.noise)))
        least = math.floor(move.load * (1 - bounds.noise))
        if move.after > move.before and move.after > min(bounds.maximum, most):
            yield f"at {move.at:.0f} s {move.before} to {move.after} for a load of {move.load:.1f}"
        if move.after < move.before and move.after < max(bounds.minimum, least):
            yield f"at {move.at:.0f} s {move.before} to {move.after} for a load of {move.load:.1f}"
    yield from _flapping(changes, bounds)


def measured_faults(
    seconds: Sequence[Second], points: Sequence[Point], target: float, bounds: Bounds, late_seconds: float
) -> Iterator[str]:
    """The same by the policy's own metric: each move is to what the algorithm (`running x metric / target`,
    rounded up) gives for one of the points that it can have seen. `late_seconds`: the age of the newest of
    them, at most."""
    if not points:
        yield "nothing was measured"
        return
    for second in seconds:
        if not bounds.minimum <= second.desired <= bounds.maximum:
            yield f"at {second.at:.0f} s the desired count is {second.desired}"
    for before, after in pairwise(seconds):
        if before.desired == after.desired:
            continue
        is_out = after.desired > before.desired
        # The low alarm looks at the highest of all its points, the high one at the newest.
        age = late_seconds + (3 * SPAN_SECONDS if is_out else bounds.low_seconds)
        seen = [point.value for point in points if after.at - age <= point.at <= after.at]
        asked = [math.ceil(before.running * value / target - 1e-9) for value in seen]
        most = max([before.desired + 1, *asked]) if is_out else before.desired
        least = before.desired + 1 if is_out else max(bounds.minimum, min(asked, default=bounds.minimum))
        if not least <= after.desired <= min(bounds.maximum, most):
            shown = ", ".join(f"{value:.0f}" for value in seen)
            yield f"at {after.at:.0f} s {before.desired} to {after.desired} for a metric of {shown}"
    yield from _flapping(moves(seconds, 1), bounds)


def _flapping(changes: Sequence[Move], bounds: Bounds) -> Iterator[str]:
    for first, second in pairwise(changes):
        is_back = first.after > first.before and second.after < second.before
        if is_back and second.at - first.at < bounds.low_seconds:
            yield f"out at {first.at:.0f} s and in again at {second.at:.0f} s"


def counts(descriptions: Sequence[str]) -> list[int]:
    """The counts that activities set."""
    return [int(match[1]) for text in descriptions if (match := _COUNT.fullmatch(text))]
