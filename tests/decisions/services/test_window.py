"""The arithmetic of a rolling deployment, by the table of the specification."""

from __future__ import annotations

import pytest

from tidegate.control.decisions.services.window import bounds, breaker_threshold, next_start_delay
from tidegate.testing.builders import a_service


@pytest.mark.parametrize(
    ("desired", "minimum", "maximum", "lower", "upper"),
    [
        (4, 100, 200, 4, 8),
        (4, 50, 200, 2, 8),
        (4, 50, 100, 2, 4),
        (3, 50, 150, 2, 4),
        (10, 0, 100, 0, 10),
        (1, 100, 200, 1, 2),
        (1, 0, 100, 0, 1),
        (1, 50, 100, 1, 1),
        (1, 100, 150, 1, 1),
        (2, 75, 100, 2, 2),
        (0, 100, 200, 0, 0),
        (7, 33, 133, 3, 9),
    ],
)
def test_the_minimum_is_rounded_up_and_the_maximum_down(
    desired: int, minimum: int, maximum: int, lower: int, upper: int
) -> None:
    service = a_service(desired=desired, minimum=minimum, maximum=maximum)
    assert bounds(service, desired) == (lower, upper)


@pytest.mark.parametrize(
    ("desired", "threshold"),
    [(0, 3), (1, 3), (6, 3), (7, 4), (10, 5), (25, 13), (100, 50), (400, 200), (800, 200)],
)
def test_the_breaker_trips_at_half_of_the_desired_count_from_3_to_200(desired: int, threshold: int) -> None:
    assert breaker_threshold(desired) == threshold


def test_the_wait_between_failing_launches_doubles_up_to_15_minutes() -> None:
    delays = [0]
    for _ in range(10):
        delays.append(next_start_delay(delays[-1]))
    assert delays == [0, 5, 10, 20, 40, 80, 160, 320, 640, 900, 900]
