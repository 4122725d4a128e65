"""Guards: whether a group keeps within its limits, as far as can be said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tidegate.control.decisions.comparison.intervals import Interval, difference, scaled
from tidegate.control.decisions.comparison.seen import GroupSeen, blur
from tidegate.control.decisions.comparison.texts import duration, percent
from tidegate.domain.shift import ERROR_RATE, Guard, Shift

HOLDS, BREACHED, UNCERTAIN, NOT_ENOUGH_DATA = "HOLDS", "BREACHED", "UNCERTAIN", "NOT_ENOUGH_DATA"

# A limit is called broken when the whole interval is beyond it. They are looked at every few seconds, so
# that 95 % would be wrong now and then.
CONFIDENCE = 0.99
# Intervals of a handful of requests are too sure of themselves: one failure in one request proves nothing.
ERRORS_MIN, ANSWERS_MIN = 3, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """The group in its window, and the baseline in its own. `is_silent`: the window is the whole step, and
    the group's requests have nearly ceased since."""

    group: GroupSeen
    baseline: GroupSeen
    is_silent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """`value` and `baseline` as the guard measures them, None where there was nothing to measure; `limit`:
    what the value may be, None where that hangs on a baseline of which nothing is known."""

    guard: Guard
    state: str
    value: float | None
    baseline: float | None
    limit: float | None
    requests: float
    text: str


def readings(shift: Shift, observed: Observed) -> tuple[Reading, ...]:
    """Of each guard."""
    return tuple(_reading(guard, shift, observed) for guard in shift.guards)


def worst(found: Iterable[Reading]) -> Reading | None:
    """The one that decides: broken before not known before uncertain; None: all hold."""
    order = {BREACHED: 0, NOT_ENOUGH_DATA: 1, UNCERTAIN: 2}
    return min((one for one in found if one.state in order), key=lambda one: order[one.state], default=None)


def _reading(guard: Guard, shift: Shift, observed: Observed) -> Reading:
    here, there = (_measured(guard, seen) for seen in (observed.group, observed.baseline))
    limit = _limit(guard, there)
    state = _state(guard, shift, observed, here, there)
    value = here.value if here else None
    return Reading(
        guard=guard,
        state=state,
        value=value,
        baseline=there.value if there else None,
        limit=limit,
        requests=observed.group.requests,
        text=_text(guard, state, value, limit, shift, observed),
    )


def _measured(guard: Guard, seen: GroupSeen) -> Interval | None:
    if guard.metric == ERROR_RATE:
        return seen.error_rate(CONFIDENCE)
    return seen.response_time(guard.percentile, CONFIDENCE)


def _limit(guard: Guard, baseline: Interval | None) -> float | None:
    if not guard.is_relative:
        return guard.limit
    if baseline is None:
        return None
    is_rate = guard.metric == ERROR_RATE
    return baseline.value + guard.limit if is_rate else baseline.value * (1 + guard.limit)


def _state(
    guard: Guard, shift: Shift, observed: Observed, here: Interval | None, there: Interval | None
) -> str:
    excess = _excess(guard, here, there)
    if excess is None:
        return NOT_ENOUGH_DATA
    if excess.lower > 0 and _is_evidence(guard, observed.group):
        return BREACHED
    counts = [observed.group.requests, *([observed.baseline.requests] if guard.is_relative else [])]
    if observed.is_silent or min(counts) < shift.requests_min:
        return NOT_ENOUGH_DATA
    return HOLDS if excess.value <= 0 else UNCERTAIN


def _excess(guard: Guard, here: Interval | None, there: Interval | None) -> Interval | None:
    """By how much the limit is exceeded, below zero where it is kept; None: it cannot be told."""
    if here is None:
        return None
    is_rate = guard.metric == ERROR_RATE
    if not guard.is_relative:
        limit = Interval(guard.limit, guard.limit, guard.limit)
        return difference(here, limit, 0.0 if is_rate else blur(here.value))
    if there is None:
        return None
    if is_rate:
        allowed = Interval(*(side + guard.limit for side in (there.value, there.lower, there.upper)))
        return difference(here, allowed)
    allowed = scaled(there, 1 + guard.limit)
    return difference(here, allowed, blur(here.value, allowed.value))


def _is_evidence(guard: Guard, seen: GroupSeen) -> bool:
    if guard.metric == ERROR_RATE:
        return seen.errors >= ERRORS_MIN
    return seen.times is not None and seen.times.count >= ANSWERS_MIN


def _text(
    guard: Guard, state: str, value: float | None, limit: float | None, shift: Shift, observed: Observed
) -> str:
    is_rate = guard.metric == ERROR_RATE
    name = "error rate" if is_rate else guard.percentile
    show = percent if is_rate else duration
    if state == NOT_ENOUGH_DATA and observed.is_silent:
        return f"{name}: not enough data, requests have nearly ceased in the last {shift.window_seconds} s"
    if state == NOT_ENOUGH_DATA:
        counts = f"{observed.group.requests:.0f}"
        if guard.is_relative:
            counts += f", and the baseline {observed.baseline.requests:.0f},"
        return f"{name}: not enough data, it had {counts} of the {shift.requests_min} requests needed"
    assert value is not None
    assert limit is not None
    bound = f"limit {show(limit)}{', by the baseline' if guard.is_relative else ''}"
    text = f"{name} {show(value)} in {observed.group.requests:.0f} requests ({bound})"
    return f"{text}, too few to be certain" if state == UNCERTAIN else text
