"""What a closed-loop run of autoscaling is held against."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from bench.autoscaling.curve import Bounds, Point, Second, counts, faults, measured_faults, moves
from bench.autoscaling.picture import svg

BOUNDS = Bounds(minimum=1, maximum=4, low_seconds=65)


def run(*points: tuple[float, float, int]) -> list[Second]:
    """(at, requests a second, desired)."""
    return [Second(at, rate, desired, desired) for at, rate, desired in points]


def found(seconds: Sequence[Second]) -> list[str]:
    return list(faults(seconds, 10, BOUNDS))


def test_a_curve_that_follows_its_load_has_no_fault() -> None:
    good = run((0, 5, 1), (1, 32, 1), (20, 32, 4), (60, 5, 4), (140, 5, 1))
    assert found(good) == []
    assert [(move.before, move.after) for move in moves(good, 10)] == [(1, 4), (4, 1)]


def test_each_kind_of_fault_is_found() -> None:
    assert found(run((0, 5, 0))) == ["at 0 s the desired count is 0"]
    assert found(run((0, 15, 1), (1, 15, 4))) == ["at 1 s 1 to 4 for a load of 1.5"]
    assert found(run((0, 32, 4), (1, 32, 1))) == ["at 1 s 4 to 1 for a load of 3.2"]
    flapping = run((0, 15, 1), (1, 15, 2), (30, 5, 2), (31, 5, 1))
    assert found(flapping) == ["out at 1 s and in again at 31 s"]


def measured(seconds: Sequence[Second], *points: tuple[float, float]) -> list[str]:
    """(at, percent), of a target of 60."""
    return list(measured_faults(seconds, [Point(*one) for one in points], 60, BOUNDS, 30))


def test_a_move_is_held_against_the_points_that_it_can_have_seen() -> None:
    out = run((0, 17, 1), (50, 17, 1), (51, 17, 3))
    assert measured(out, (30, 150)) == []
    assert measured(out, (30, 110)) == ["at 51 s 1 to 3 for a metric of 110"]
    # A point that was too old by then, or came after it, counts for nothing.
    assert measured(out, (2, 150), (30, 80), (60, 150)) == ["at 51 s 1 to 3 for a metric of 80"]
    back = run((0, 3, 3), (200, 3, 3), (201, 3, 1))
    assert measured(back, (150, 18)) == []
    assert measured(back, (150, 35)) == ["at 201 s 3 to 1 for a metric of 35"]


def test_flapping_and_silence_are_found_in_what_was_measured() -> None:
    flapping = run((0, 15, 1), (1, 15, 2), (30, 5, 2), (31, 5, 1))
    assert measured(flapping, (0, 100), (29, 20)) == ["out at 1 s and in again at 31 s"]
    assert measured(flapping) == ["nothing was measured"]
    assert measured(run((0, 5, 0)), (0, 1)) == ["at 0 s the desired count is 0"]


def test_counts_are_read_from_activities() -> None:
    assert counts(["Setting desired count to 4.", "Setting min capacity to 2"]) == [4]


def test_the_picture_is_well_formed() -> None:
    picture = svg("step", run((0, 5, 1), (1, 32, 1), (20, 32, 4), (60, 5, 4)), 10, 4)
    root = ElementTree.fromstring(picture)
    assert len(list(root.iter("{http://www.w3.org/2000/svg}polyline"))) == 2
    picture = svg("step", run((0, 5, 1), (9, 32, 1)), 10, 4, [(0, 0.5), (5, 1.8)])
    root = ElementTree.fromstring(picture)
    assert len(list(root.iter("{http://www.w3.org/2000/svg}circle"))) == 2
