"""Persistent maps: what is built at once equals what grew row by row."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tidegate.control.store import Snapshot
from tidegate.control.store.tables import TARGETS
from tidegate.domain.elbv2 import Target
from tidegate.testing.clock import EPOCH

targets = st.builds(
    Target,
    target_group_arn=st.sampled_from(["g1", "g2", "g3"]),
    id=st.sampled_from(["i-1", "i-2"]),
    port=st.integers(1, 3),
    address=st.none(),
    registered_at=st.just(EPOCH),
    registered_for=st.sampled_from([None, "s1", "s2"]),
)


def seen(snapshot: Snapshot) -> dict[str, set[str]]:
    """Every key by table and by index value."""
    found = {"all": {row.key for row in snapshot.all(TARGETS)}}
    for index, values in (
        ("target_group", ("g1", "g2", "g3")),
        ("id", ("i-1", "i-2")),
        ("service", ("s1", "s2")),
    ):
        for value in values:
            found[f"{index}={value}"] = {row.key for row in snapshot.by(TARGETS, index, value)}
    return found


@given(st.lists(st.tuples(st.booleans(), targets)))
def test_any_history_of_puts_and_deletes_ends_in_the_state_that_a_load_would_build(
    history: list[tuple[bool, Target]],
) -> None:
    grown, rows = Snapshot(), dict[str, Target]()
    for is_put, target in history:
        grown = grown.with_row(TARGETS, target.key, target if is_put else None)
        if is_put:
            rows[target.key] = target
        else:
            rows.pop(target.key, None)
    loaded = Snapshot.of(7, {TARGETS: rows})
    assert seen(grown) == seen(loaded)
    assert {row.key: row for row in grown.all(TARGETS)} == rows
    assert loaded.revision == 7
