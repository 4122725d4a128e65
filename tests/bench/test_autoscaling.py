"""What a closed-loop run of autoscaling is held against."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from bench.autoscaling.curve import Bounds, Second, counts, faults, moves
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


def test_counts_are_read_from_activities() -> None:
    assert counts(["Setting desired count to 4.", "Setting min capacity to 2"]) == [4]


def test_the_picture_is_well_formed() -> None:
    picture = svg("step", run((0, 5, 1), (1, 32, 1), (20, 32, 4), (60, 5, 4)), 10, 4)
    root = ElementTree.fromstring(picture)
    assert len(list(root.iter("{http://www.w3.org/2000/svg}polyline"))) == 2
