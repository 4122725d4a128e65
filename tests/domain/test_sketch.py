"""Sketches answer quantiles within 1 %, whatever was merged into them in which order."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.domain.cloudwatch import Sketch, Summary, merged, sketch_of, spread, together, value
from tidegate.domain.cloudwatch.sketch import BUCKETS_MAX

_VALUES = st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=60)


def _counted(values: list[float]) -> dict[float, float]:
    return {one: float(values.count(one)) for one in values}


@given(_VALUES, st.floats(0, 1))
def test_a_quantile_is_within_a_hundredth_of_a_real_value(values: list[float], share: float) -> None:
    exact = sorted(values)[int(share * (len(values) - 1))]
    assert sketch_of(_counted(values)).quantile(share) == pytest.approx(exact, rel=0.0101)


@given(_VALUES, _VALUES)
def test_two_sketches_make_the_one_of_all_values(left: list[float], right: list[float]) -> None:
    whole = sketch_of(_counted([*left, *right]))
    assert merged([sketch_of(_counted(left)), sketch_of(_counted(right))]) == whole


def test_values_below_zero_and_zeros_have_their_place() -> None:
    sketch = sketch_of({-10.0: 1, 0.0: 2, 10.0: 1})
    assert sketch.quantile(0) == pytest.approx(-10, rel=0.0101)
    assert sketch.quantile(0.5) == 0
    assert sketch.quantile(1) == pytest.approx(10, rel=0.0101)


def test_a_share_below_counts_what_is_at_most_the_value() -> None:
    assert sketch_of({1.0: 3, 5.0: 1}).share_below(2) == 0.75


def test_nothing_has_no_quantile() -> None:
    assert Sketch().quantile(0.5) is None
    assert Sketch().share_below(1) is None


def test_too_many_buckets_are_put_together_at_the_small_end() -> None:
    sketch = sketch_of({1.03**power: 1.0 for power in range(-2_500, 2_500)})
    assert len(sketch.above) == BUCKETS_MAX
    assert sketch.count == 5_000
    assert sketch.quantile(1) == pytest.approx(1.03**2_499, rel=0.0101)


def test_what_one_part_does_not_know_the_whole_does_not() -> None:
    unknown = Summary(count=2, sum=5, minimum=1, maximum=4)
    assert together([value(3), spread({1.0: 2, 2.0: 1})]).sketch == sketch_of({1.0: 2, 2.0: 1, 3.0: 1})
    assert together([value(3), unknown]) == Summary(count=3, sum=8, minimum=1, maximum=4)


def test_a_summary_survives_the_wire() -> None:
    summary = spread({0.25: 3, 1.5: 1})
    assert msgspec.json.decode(msgspec.json.encode(summary), type=Summary) == summary
