"""Who begins slowly, and how the share grows."""

from __future__ import annotations

from tidegate.balancer.decisions.eligibility import Key
from tidegate.balancer.decisions.health import Health
from tidegate.balancer.decisions.slow_start import SlowStarts, advance, shares
from tidegate.fleet.balancing import GroupDocument, GroupTarget, HealthCheckDocument

A, B, C = ("i-a", 1), ("i-b", 1), ("i-c", 1)


def group(*keys: Key, seconds: int = 30, draining: tuple[Key, ...] = ()) -> GroupDocument:
    return GroupDocument(
        target_group_arn="arn:tg/1",
        generation=1,
        slow_start_seconds=seconds,
        health_check=HealthCheckDocument(),
        targets=tuple(
            GroupTarget(
                id=id_, port=port, address="::1", status="draining" if (id_, port) in draining else "active"
            )
            for id_, port in keys
        ),
    )


def healthy(*keys: Key) -> dict[Key, Health]:
    return dict.fromkeys(keys, Health(state="healthy"))


def looked(*steps: tuple[GroupDocument, dict[Key, Health], float]) -> SlowStarts:
    starts = SlowStarts()
    for document, health, now in steps:
        starts = advance(starts, document, health, now)
    return starts


# A has been healthy since the group was empty.
SETTLED = (group(A), healthy(A), 0.0)


def test_a_target_enters_when_it_becomes_healthy_beside_another() -> None:
    starts = looked(SETTLED, (group(A, B), healthy(A), 5.0), (group(A, B), healthy(A, B), 10.0))
    assert starts.began == {B: 10.0}


def test_its_share_grows_evenly() -> None:
    document = group(A, B)
    starts = looked(SETTLED, (document, healthy(A, B), 10.0))
    assert [shares(starts, document, now)[B] for now in (10.0, 17.5, 25.0, 40.0)] == [0.0, 0.25, 0.5, 1.0]


def test_it_leaves_when_the_time_is_over() -> None:
    document = group(A, B)
    entered = looked(SETTLED, (document, healthy(A, B), 10.0))
    assert advance(entered, document, healthy(A, B), 39.9).began == {B: 10.0}
    assert advance(entered, document, healthy(A, B), 40.0).began == {}


def test_the_first_targets_of_an_empty_group_do_not_enter_however_late_they_are_healthy() -> None:
    document = group(A, B, C)
    starts = looked(
        (group(), {}, 0.0),
        (document, {}, 1.0),
        (document, healthy(A), 2.0),
        (document, healthy(A, B), 60.0),
        (document, healthy(A, B, C), 300.0),
    )
    assert starts.began == {}


def test_targets_that_are_healthy_when_the_attribute_is_set_do_not_enter() -> None:
    before, after = group(A, B, seconds=0), group(A, B)
    starts = looked(SETTLED, (before, healthy(A, B), 10.0), (after, healthy(A, B), 20.0))
    assert starts.began == {}


def test_nobody_enters_while_all_others_are_in_slow_start() -> None:
    """A is gone: B, in slow start, is the only other, and somebody must take the rest."""
    starts = looked(
        SETTLED,
        (group(A, B), healthy(A, B), 10.0),
        (group(A, B, C, draining=(A,)), healthy(A, B), 11.0),
        (group(A, B, C, draining=(A,)), healthy(A, B, C), 12.0),
    )
    assert starts.began == {B: 10.0}


def test_one_that_becomes_unhealthy_leaves_and_enters_anew() -> None:
    document = group(A, B)
    left = looked(SETTLED, (document, healthy(A, B), 10.0), (document, healthy(A), 20.0))
    assert left.began == {}
    assert advance(left, document, healthy(A, B), 25.0).began == {B: 25.0}


def test_so_does_a_first_target_that_was_unhealthy_since() -> None:
    document = group(A, B)
    starts = looked((document, healthy(A, B), 0.0), (document, healthy(A), 5.0))
    assert advance(starts, document, healthy(A, B), 9.0).began == {B: 9.0}


def test_looking_again_changes_nothing() -> None:
    document = group(A, B)
    starts = looked(SETTLED, (document, healthy(A, B), 10.0))
    assert advance(starts, document, healthy(A, B), 11.0) == starts
