"""A comparison says what differs for certain, and says nothing else."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from tidegate.control.decisions.comparison import Comparison, GroupSeen, compare
from tidegate.control.decisions.comparison.compare import (
    BETTER,
    MIXED,
    NO_DIFFERENCE_SEEN,
    NOT_ENOUGH_DATA,
    WORSE,
)
from tidegate.control.decisions.comparison.texts import duration, percent, verdict
from tidegate.domain.cloudwatch.sketch import sketch_of
from tidegate.testing.builders import ARNS
from tidegate.testing.shifts import NEW, OLD, compared, seen

FINE = seen(900, 2)


def of(
    old: GroupSeen, new: GroupSeen, confidence: float = 0.95, split: tuple[int, int] = (90, 10)
) -> Comparison:
    return compare([compared(OLD, split[0], old), compared(NEW, split[1], new)], OLD, confidence)


def test_a_slow_group_is_named_with_both_figures_and_the_interval_of_their_difference() -> None:
    found = of(FINE, seen(400, 1, slow=0.4, share=0.2), split=(9, 4))
    assert found.judgements[0].verdict == WORSE
    assert verdict(found) == (
        "new is slower than old: "
        "p95 402 ms against 20 ms (95 % interval of the difference: 376 ms to 389 ms); "
        "p99 402 ms against 20 ms (95 % interval of the difference: at least 376 ms)."
    )


def test_a_group_that_fails_is_named() -> None:
    found = of(FINE, seen(100, 10))
    assert found.judgements[0].verdict == WORSE
    assert verdict(found) == (
        "new fails more often than old: error rate 10 % against 0.22 % "
        "(95 % interval of the difference: 4.4 to 20 percentage points)."
    )


def test_a_better_group_is_named_too() -> None:
    found = of(seen(900, 90, seconds=0.3), seen(100, 0, seconds=0.02))
    assert found.judgements[0].verdict == BETTER
    text = verdict(found)
    assert "new fails less often than old" in text
    assert "new is faster than old" in text


def test_what_is_faster_and_fails_more_is_both() -> None:
    found = of(seen(900, 0, seconds=0.3), seen(100, 20))
    assert found.judgements[0].verdict == MIXED
    assert "fails more often" in verdict(found)
    assert "is faster" in verdict(found)


def test_no_difference_says_how_many_requests_more_would_show_one() -> None:
    found = of(FINE, seen(100, 0))
    assert found.judgements[0].verdict == NO_DIFFERENCE_SEEN
    assert verdict(found).startswith(
        "No difference seen yet between new and old in 100 and 900 requests: about "
    )
    assert "requests more would show error rates that are 1 percentage point apart" in verdict(found)


def test_thousands_are_parted_in_every_count() -> None:
    found = of(seen(9_000, 18), seen(1_000, 2))
    assert found.judgements[0].verdict == NO_DIFFERENCE_SEEN
    assert " in 1,000 and 9,000 requests: " in verdict(found)


def test_so_many_requests_more_do_show_it() -> None:
    few = of(FINE, seen(100, 0))
    needed = few.judgements[0].differences[0].needed
    assert needed is not None
    # In the same split, and with one percentage point between them.
    scale = (1000 + needed) / 1000
    many = of(seen(900 * scale, 2 * scale), seen(100 * scale, (2 / 900 + 0.01) * 100 * scale))
    assert many.judgements[0].verdict == WORSE


def test_enough_requests_would_have_shown_it() -> None:
    text = verdict(of(seen(90_000, 200), seen(10_000, 20)))
    assert "error rates that are 1 percentage point apart would have shown" in text


def test_a_handful_of_requests_gives_no_verdict_whatever_they_did() -> None:
    found = of(seen(30), seen(29, 29), split=(1, 1))
    assert found.judgements[0].verdict == NOT_ENOUGH_DATA
    assert verdict(found) == (
        "Not enough data: of the 30 requests that each group needs, new 29 and old 30 had come."
    )


def test_no_requests_at_all_are_not_enough() -> None:
    found = of(GroupSeen(), GroupSeen())
    assert found.judgements[0].verdict == NOT_ENOUGH_DATA
    assert found.judgements[0].differences == ()
    assert found.groups[0].share is None
    assert found.groups[0].error_rate is None


def test_groups_of_which_no_target_answered_are_compared_by_their_errors() -> None:
    found = of(FINE, GroupSeen(requests=100, errors=100))
    assert [one.metric for one in found.judgements[0].differences] == ["ErrorRate"]
    assert "error rate 100 % against 0.22 %" in verdict(found)


def test_a_share_that_is_not_its_weights_is_told() -> None:
    assert not of(seen(900), seen(100)).groups[1].is_share_odd
    found = of(seen(500), seen(500))
    assert found.groups[1].is_share_odd
    assert "new got 50 % of the requests, and by its weight it gets 10 %" in verdict(found)


def test_every_group_is_held_against_the_baseline() -> None:
    third = ARNS.target_group("third", "3" * 16)
    groups = [compared(OLD, 8, FINE), compared(NEW, 1, seen(100)), compared(third, 1, seen(100, 40))]
    found = compare(groups, OLD, 0.95)
    assert [one.verdict for one in found.judgements] == [NO_DIFFERENCE_SEEN, WORSE]
    with pytest.raises(KeyError):
        compare(groups, "another", 0.95)


def test_what_a_millisecond_or_a_sketch_makes_of_it_is_no_difference() -> None:
    """A million requests are certain of everything but what the instruments do not tell."""
    found = of(seen(500_000, seconds=0.020), seen(500_000, seconds=0.0215), split=(1, 1))
    assert found.judgements[0].verdict == NO_DIFFERENCE_SEEN


def _live(random: Random, requests: int) -> GroupSeen:
    times = Counter(round(random.lognormvariate(-3, 0.7), 3) for _ in range(requests))
    return GroupSeen(
        requests=requests, errors=sum(random.random() < 0.01 for _ in range(requests)), times=sketch_of(times)
    )


def test_groups_that_are_the_same_are_called_different_at_most_as_often_as_the_confidence_says() -> None:
    random, rounds = Random(7), 300
    wrong = sum(
        of(_live(random, 450), _live(random, 150), split=(3, 1)).judgements[0].verdict != NO_DIFFERENCE_SEEN
        for _ in range(rounds)
    )
    assert wrong / rounds <= 0.05


def test_a_comparison_is_a_function_of_what_it_is_given() -> None:
    assert of(FINE, seen(100, 3)) == of(replace(FINE), seen(100, 3))


@pytest.mark.parametrize(
    ("share", "text"), [(0.1, "10 %"), (0.0022, "0.22 %"), (0.0123, "1.2 %"), (1.0, "100 %"), (0.0, "0 %")]
)
def test_shares_are_told_with_two_digits(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(("seconds", "text"), [(0.412, "412 ms"), (1.2671, "1.27 s"), (-0.05, "-50 ms")])
def test_times_are_told_in_milliseconds_below_a_second(seconds: Any, text: str) -> None:
    assert duration(seconds) == text
