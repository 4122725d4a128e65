"""What the zero-loss drill lets pass, and what it does not."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from bench.zero_loss.verdict import Kill, Window, faults, unexcused
from tidegate.cli.demo.load import Failure, Tally

KILL = Kill(began=100.0, gone=100.2)
LOST = Failure(kind="POST", number=7, is_repeatable=False, sent_at=99.9, failed_at=100.1, reason="status 502")


def tally(*failures: Failure, answered: tuple[int, ...] = (1, 2, 3), sent: int | None = None) -> Tally:
    """A tally of registrations alone: each number that was answered, and the failures."""
    return Tally(
        sent=len(answered) + len(failures) if sent is None else sent,
        answered=Counter({"POST": len(answered)}),
        failures=list(failures),
        answered_once=list(answered),
    )


def found(
    seen: Tally, rows: dict[int, int], kills: tuple[Kill, ...] = (KILL,), rate: float = 1.0
) -> list[str]:
    return faults([Window("kill 1", 1.0, seen)], kills, rows, rate)


def test_a_drill_in_which_everything_was_answered_has_no_fault() -> None:
    assert found(tally(), {1: 1, 2: 1, 3: 1}) == []


@pytest.mark.parametrize("rows", [{1: 1, 2: 1, 3: 1}, {1: 1, 2: 1, 3: 1, 7: 1}])
def test_a_registration_lost_inside_the_killed_container_is_excused_with_or_without_its_row(
    rows: dict[int, int],
) -> None:
    assert found(tally(LOST), rows) == []


@pytest.mark.parametrize(
    "failure",
    [
        replace(LOST, is_repeatable=True),
        replace(LOST, reason="status 503"),
        replace(LOST, reason="status 400"),
        replace(LOST, reason="closed without an answer"),
        replace(LOST, reason="no answer within 30 s"),
        replace(LOST, reason="connect: ConnectionRefusedError"),
        replace(LOST, reason="closed in the middle of the answer"),
        replace(LOST, sent_at=100.3, failed_at=100.4),
        replace(LOST, sent_at=99.0, failed_at=99.9),
    ],
    ids=lambda failure: f"{failure.reason}, {failure.sent_at} to {failure.failed_at}",
)
def test_no_other_failure_is_excused(failure: Failure) -> None:
    assert unexcused(tally(failure), [KILL]) == [failure]
    assert found(tally(failure), {1: 1, 2: 1, 3: 1}) == ["1 failures that nothing excuses"]


def test_without_a_kill_nothing_is_excused() -> None:
    assert found(tally(LOST), {1: 1, 2: 1, 3: 1}, kills=()) == ["1 failures that nothing excuses"]


def test_an_answered_registration_without_a_row_is_a_fault_though_the_number_of_rows_is_right() -> None:
    assert found(tally(LOST), {1: 1, 2: 1, 7: 1}) == ["1 registrations answered 201 that left no row"]


def test_a_registration_that_took_effect_twice_is_a_fault() -> None:
    assert found(tally(), {1: 1, 2: 2, 3: 1}) == ["1 registrations that left more than one row"]


def test_a_row_that_no_request_explains_is_a_fault() -> None:
    assert found(tally(), {1: 1, 2: 1, 3: 1, 9: 1}) == ["1 rows of registrations that nobody sent"]


def test_a_request_that_never_ended_is_a_fault() -> None:
    assert found(tally(sent=4), {1: 1, 2: 1, 3: 1}) == ["1 requests that never ended"]


def test_a_drill_without_registrations_or_with_too_little_load_has_proved_nothing() -> None:
    assert found(tally(answered=()), {}, rate=100.0) == [
        "no registration was answered",
        "0 requests a second were sent instead of 100",
    ]
