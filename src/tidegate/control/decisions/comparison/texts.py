"""A comparison in plain words."""

from __future__ import annotations

import math
from collections.abc import Iterator

from tidegate.control.decisions.comparison.compare import (
    HIGHER,
    LOWER,
    NO_DIFFERENCE_SEEN,
    NOT_ENOUGH_DATA,
    REQUESTS_MIN,
    Comparison,
    Difference,
    GroupFigures,
    Judgement,
)
from tidegate.control.decisions.comparison.intervals import Interval
from tidegate.domain.shift import ERROR_RATE

_TIMES = ("p95", "p50", "p99")
_WORDS = {
    ((ERROR_RATE,), HIGHER): "fails more often",
    (_TIMES, HIGHER): "is slower",
    ((ERROR_RATE,), LOWER): "fails less often",
    (_TIMES, LOWER): "is faster",
}


def percent(share: float) -> str:
    """A share of 1 as a percentage: 0.05 %, 1.2 %, 37 %."""
    return f"{_digits(100 * share)} %"


def duration(seconds: float) -> str:
    """412 ms, 1.27 s."""
    return f"{seconds * 1000:.0f} ms" if abs(seconds) < 1 else f"{seconds:.2f} s"


def verdict(comparison: Comparison) -> str:
    """Of all groups, a sentence each at least."""
    found = [" ".join(findings(one, comparison)) for one in comparison.judgements]
    return " ".join(found) or f"{comparison.baseline.group.name} is alone: there is nothing to compare."


def findings(judgement: Judgement, comparison: Comparison) -> Iterator[str]:
    """What is to be said of one group, a sentence each."""
    one, baseline = judgement.group, comparison.baseline
    if judgement.verdict == NOT_ENOUGH_DATA:
        yield _not_enough(one, baseline)
    elif judgement.verdict == NO_DIFFERENCE_SEEN:
        yield _no_difference(judgement, baseline)
    else:
        yield from _differences(judgement, comparison)
    if one.is_share_odd and one.share is not None:
        yield (
            f"{one.group.name} got {percent(one.share.value)} of the requests, and by its weight it gets "
            f"{percent(one.weight_share)}: weights changed within the time looked at, clients stay with "
            "the group that they have, or it gets requests from elsewhere too."
        )


def _not_enough(one: GroupFigures, baseline: GroupFigures) -> str:
    figures = " and ".join(f"{g.group.name} {g.group.seen.requests:.0f}" for g in (one, baseline))
    return f"Not enough data: of the {REQUESTS_MIN} requests that each group needs, {figures} had come."


def _no_difference(judgement: Judgement, baseline: GroupFigures) -> str:
    one = judgement.group
    counts = f"{one.group.seen.requests:,.0f} and {baseline.group.seen.requests:,.0f} requests"
    start = f"No difference seen yet between {one.group.name} and {baseline.group.name} in {counts}"
    visible = [_visible(difference) for difference in judgement.differences if difference.needed is not None]
    shown = [text for text in visible if text]
    return f"{start}: {'; '.join(shown)}." if shown else f"{start}."


def _visible(difference: Difference) -> str:
    if difference.metric not in (ERROR_RATE, "p95"):
        return ""
    what = (
        f"error rates that are {_points(difference.effect)} apart"
        if difference.metric == ERROR_RATE
        else f"a p95 that differs by {duration(difference.effect)}"
    )
    if difference.needed == 0:
        return f"{what} would have shown"
    return f"about {difference.needed:,} requests more would show {what}"


def _differences(judgement: Judgement, comparison: Comparison) -> Iterator[str]:
    """What differs for certain, worse before better, a sentence for each way to differ."""
    one, sure = judgement.group, f"{_digits(100 * comparison.confidence)} %"
    for (metrics, outcome), words in _WORDS.items():
        found = {each.metric: each for each in judgement.differences if each.outcome == outcome}
        clauses = [_clause(found[name], one, comparison.baseline, sure) for name in metrics if name in found]
        if clauses:
            yield f"{one.group.name} {words} than {comparison.baseline.group.name}: {'; '.join(clauses)}."


def _clause(difference: Difference, one: GroupFigures, baseline: GroupFigures, sure: str) -> str:
    is_rate = difference.metric == ERROR_RATE
    here, there = (_measure(figures, difference.metric) for figures in (one, baseline))
    name = "error rate" if is_rate else difference.metric
    span = _span(difference.interval, is_rate=is_rate)
    return f"{name} {here} against {there} ({sure} interval of the difference: {span})"


def _measure(figures: GroupFigures, metric: str) -> str:
    if metric == ERROR_RATE:
        return percent(figures.error_rate.value) if figures.error_rate else "unknown"
    return duration(figures.response_times[metric].value)


def _span(interval: Interval, *, is_rate: bool) -> str:
    if not is_rate:
        if math.isinf(interval.upper):
            return f"at least {duration(interval.lower)}"
        if math.isinf(interval.lower):
            return f"at most {duration(interval.upper)}"
        return f"{duration(interval.lower)} to {duration(interval.upper)}"
    return f"{_digits(100 * interval.lower)} to {_points(interval.upper)}"


def _points(share: float) -> str:
    amount = _digits(100 * share)
    return f"{amount} percentage point{'' if amount == '1' else 's'}"


def _digits(number: float) -> str:
    """Two digits that count, at the most two of them behind the point."""
    places = 0 if abs(number) >= 10 else 1 if abs(number) >= 1 else 2
    text = f"{number:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
