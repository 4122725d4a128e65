"""Which targets stand out by what they fail, and what share of requests they get."""

from __future__ import annotations

import pytest

from tidegate.balancer.decisions.anomalies import Anomalies, Counts, Judgement, judge
from tidegate.balancer.decisions.eligibility import Key

A, B, C = ("i-a", 1), ("i-b", 1), ("i-c", 1)
START = dict.fromkeys((A, B, C), Counts())


def after(*rounds: dict[Key, tuple[int, int]], mitigates: bool = True) -> Anomalies:
    """Judged after each round of (requests, failures), which add up."""
    totals = dict(START)
    found = judge(Anomalies(), totals, mitigates=mitigates)
    for one in rounds:
        totals = {key: totals[key].plus(Counts(*one.get(key, (0, 0)))) for key in totals}
        found = judge(found, totals, mitigates=mitigates)
    return found


def anomalous(found: Anomalies) -> set[Key]:
    return {key for key, one in found.judged.items() if one.is_anomalous}


BAD = {A: (100, 30), B: (100, 1), C: (100, 1)}
GOOD = {A: (100, 0), B: (100, 0), C: (100, 0)}


def test_a_target_that_fails_clearly_more_than_its_peers_is_anomalous() -> None:
    assert anomalous(after(BAD)) == {A}


def test_a_group_that_fails_as_a_whole_has_no_anomaly() -> None:
    assert anomalous(after({A: (100, 52), B: (100, 50), C: (100, 48)})) == set()


@pytest.mark.parametrize(("failures", "expected"), [(1, set()), (4, set()), (20, {A})])
def test_a_few_failures_are_chance(failures: int, expected: set[Key]) -> None:
    assert anomalous(after({A: (200, failures), B: (200, 0), C: (200, 0)})) == expected


def test_nothing_is_said_of_fewer_than_three_targets() -> None:
    two = {A: Counts(), B: Counts()}
    before = judge(Anomalies(), two, mitigates=True)
    found = judge(before, {A: Counts(100, 90), B: Counts(100, 0)}, mitigates=True)
    assert (found.judged, found.is_over) == ({}, True)


def test_too_few_requests_are_kept_for_the_next_time() -> None:
    once = {A: (6, 6), B: (6, 0), C: (6, 0)}
    assert anomalous(after(once)) == set()
    assert anomalous(after(once, once)) == {A}


def test_what_was_counted_before_does_not_count_again() -> None:
    assert anomalous(after(BAD, GOOD)) == set()


def test_an_anomalous_targets_share_is_halved_to_a_trickle() -> None:
    shares = [after(*[BAD] * times).judged[A].share for times in range(1, 8)]
    assert shares == [1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 32, 1 / 32]
    assert after(BAD).judged[B].share == 1.0


def test_one_that_is_well_again_gets_its_share_back_in_steps() -> None:
    found = after(BAD, BAD, GOOD)
    assert found.judged[A] == Judgement(is_anomalous=False, share=1 / 2)
    assert after(BAD, BAD, GOOD, GOOD).is_over


def test_without_requests_a_judgement_stays() -> None:
    found = after(BAD, {}, {})
    assert found.judged[A] == Judgement(is_anomalous=True, share=1 / 2)
    assert not found.is_over


def test_a_group_that_does_not_mitigate_only_says_so() -> None:
    assert after(BAD, BAD, mitigates=False).judged[A] == Judgement(is_anomalous=True, share=1.0)


def test_counts_that_began_anew_are_new_requests() -> None:
    before = judge(Anomalies(), dict.fromkeys((A, B, C), Counts(500, 0)), mitigates=True)
    found = judge(before, {A: Counts(50, 40), B: Counts(50, 0), C: Counts(50, 0)}, mitigates=True)
    assert anomalous(found) == {A}


def test_judging_again_at_once_changes_nothing() -> None:
    found = after(BAD)
    totals = {key: START[key].plus(Counts(*BAD[key])) for key in START}
    assert judge(found, totals, mitigates=True) == found
