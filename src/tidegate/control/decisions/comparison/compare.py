"""Target groups of one rule, side by side: figures with their intervals, and what differs for certain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tidegate.control.decisions.comparison.intervals import Interval, difference, rate, shared_confidence
from tidegate.control.decisions.comparison.needed import requests_needed
from tidegate.control.decisions.comparison.seen import PERCENTILES, GroupSeen, blur, blurred
from tidegate.domain.shift import ERROR_RATE

# What a verdict looks at. p90 is told and not judged: each claim more makes all of them weaker.
JUDGED = (ERROR_RATE, "p50", "p95", "p99")
# Below this no verdict is given: one request decides too much.
REQUESTS_MIN = 30
# What a comparison should be able to show: a percentage point of errors, a tenth of the p95, which no fewer
# than five milliseconds are.
ERRORS_EFFECT, TIME_EFFECT, TIME_EFFECT_SECONDS_MIN = 0.01, 0.1, 0.005
# A share is called wrong where chance alone would make it so once in a thousand times.
SHARE_CONFIDENCE = 0.999

HIGHER, LOWER, UNDECIDED = "HIGHER", "LOWER", "UNDECIDED"
NOT_ENOUGH_DATA, NO_DIFFERENCE_SEEN = "NOT_ENOUGH_DATA", "NO_DIFFERENCE_SEEN"
BETTER, WORSE, MIXED = "BETTER", "WORSE", "MIXED"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedGroup:
    """A target group of the rule, its weight there, and what was seen of it."""

    arn: str
    name: str
    weight: int
    seen: GroupSeen


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFigures:
    """Of one group, each interval on its own at the confidence asked for. `share`: of the rule's requests;
    None: there were none. `weight_share`: what its weight gives it, 0 to 1; `is_share_odd`: the share cannot
    be chance. `response_times`: seconds by percentile."""

    group: ComparedGroup
    share: Interval | None
    weight_share: float
    is_share_odd: bool
    error_rate: Interval | None
    response_times: Mapping[str, Interval]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Of a group less the baseline, in one of `JUDGED`; all differences of a comparison hold together at the
    confidence asked for. `effect`: what should show; `needed`: so many requests more would show it."""

    metric: str
    interval: Interval
    effect: float
    needed: int | None

    @property
    def outcome(self) -> str:
        if self.interval.lower > 0:
            return HIGHER
        return LOWER if self.interval.upper < 0 else UNDECIDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Of one group against the baseline."""

    group: GroupFigures
    differences: tuple[Difference, ...]
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`groups` in the rule's order, the baseline too; a judgement for each of the others."""

    confidence: float
    groups: tuple[GroupFigures, ...]
    baseline: GroupFigures
    judgements: tuple[Judgement, ...]


def compare(groups: Sequence[ComparedGroup], baseline_arn: str, confidence: float) -> Comparison:
    """Of a rule's groups, the baseline among them; raises KeyError for one that is not."""
    requests = sum(group.seen.requests for group in groups)
    weights = sum(group.weight for group in groups)
    figures = {group.arn: _figures(group, requests, weights, confidence) for group in groups}
    baseline = figures[baseline_arn]
    others = [one for one in figures.values() if one is not baseline]
    each = shared_confidence(confidence, len(JUDGED) * len(others))
    return Comparison(
        confidence=confidence,
        groups=tuple(figures.values()),
        baseline=baseline,
        judgements=tuple(_judged(one, baseline, each) for one in others),
    )


def _figures(group: ComparedGroup, requests: float, weights: int, confidence: float) -> GroupFigures:
    seen, expected = group.seen, group.weight / weights if weights else 0.0
    times = {name: seen.response_time(name, confidence) for name in PERCENTILES}
    is_odd = False
    if requests:
        likely = rate(seen.requests, requests, SHARE_CONFIDENCE)
        is_odd = not likely.lower <= expected <= likely.upper
    return GroupFigures(
        group=group,
        share=rate(seen.requests, requests, confidence) if requests else None,
        weight_share=expected,
        is_share_odd=is_odd,
        error_rate=seen.error_rate(confidence),
        response_times={name: blurred(one) for name, one in times.items() if one is not None},
    )


def _judged(one: GroupFigures, baseline: GroupFigures, confidence: float) -> Judgement:
    differences = tuple(_differences(one.group.seen, baseline.group.seen, confidence))
    fewest = min(one.group.seen.requests, baseline.group.seen.requests)
    verdict = NOT_ENOUGH_DATA if fewest < REQUESTS_MIN else _verdict(differences)
    return Judgement(group=one, differences=differences, verdict=verdict)


def _verdict(differences: Sequence[Difference]) -> str:
    outcomes = {difference.outcome for difference in differences} - {UNDECIDED}
    if not outcomes:
        return NO_DIFFERENCE_SEEN
    if len(outcomes) > 1:
        return MIXED
    return WORSE if outcomes == {HIGHER} else BETTER


def _differences(one: GroupSeen, other: GroupSeen, confidence: float) -> Iterator[Difference]:
    requests = one.requests + other.requests
    for metric in JUDGED:
        is_rate = metric == ERROR_RATE
        here, there = (
            seen.error_rate(confidence) if is_rate else seen.response_time(metric, confidence)
            for seen in (one, other)
        )
        if here is None or there is None:
            continue
        wrong = 0.0 if is_rate else blur(here.value, there.value)
        found = difference(here, there, wrong)
        effect = ERRORS_EFFECT if is_rate else max(TIME_EFFECT * there.value, TIME_EFFECT_SECONDS_MIN)
        needed = requests_needed(found, requests, effect=effect, confidence=confidence, blur=wrong)
        yield Difference(metric=metric, interval=found, effect=effect, needed=needed)
