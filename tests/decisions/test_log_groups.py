"""How long log events are kept."""

from __future__ import annotations

from datetime import timedelta

from tidegate.control.decisions.log_groups import IDLE_STREAMS_KEPT, upkeep
from tidegate.domain.logs import LogGroup
from tidegate.testing.clock import EPOCH


def a_group(number: str, retention_days: int | None = None) -> LogGroup:
    return LogGroup(id=number, name=number, arn=number, created_at=EPOCH, retention_days=retention_days)


def test_what_no_group_has_any_more_is_swept_up() -> None:
    assert upkeep([a_group("a")], ["a", "c", "b"], EPOCH).swept == ("b", "c")


def test_events_expire_in_groups_that_say_so() -> None:
    plan = upkeep([a_group("week", 7), a_group("ever")], ["week", "ever"], EPOCH)
    assert plan.expiring == {"week": EPOCH - timedelta(days=7)}
    assert plan.idle == {"ever": EPOCH - IDLE_STREAMS_KEPT}


def test_there_is_nothing_to_do_for_groups_of_which_nothing_is_kept() -> None:
    plan = upkeep([a_group("a", 1), a_group("b")], [], EPOCH)
    assert (plan.swept, plan.expiring, plan.idle) == ((), {}, {})
