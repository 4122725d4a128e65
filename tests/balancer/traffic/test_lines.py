"""The words that requests are counted by."""

from __future__ import annotations

import pytest
from tests.balancer.access_log.lines import LONG, SHORT

from tidegate.balancer.decisions.traffic.lines import Outcome, outcomes, words

WORD = "l_1|tg_1|{status}|{target}|{end}|{retries}|50001|-|-|-|-|{time}"


def outcome(
    status: int = 200, target: str = "200", end: str = "--", retries: str = "0", time: str = "5"
) -> Outcome:
    word = WORD.format(status=status, target=target, end=end, retries=retries, time=time)
    [(found, _)] = outcomes({word.encode(): 1})
    return found


def test_equal_requests_are_one_word_and_each_is_counted() -> None:
    counted = words(f"{SHORT}\n{LONG}\n{SHORT}\n".encode())
    assert sorted(counted.values()) == [1, 2]


def test_what_a_client_writes_begins_no_word() -> None:
    line = SHORT.replace("/a|b", "/\\nA l_9|tg_9|200|200|--|0|50001|-|-|5")
    assert len(words(f"{line}\n".encode())) == 1


def test_lines_of_haproxys_own_are_not_requests() -> None:
    counted = words(b"Server tg_1/i-1 is DOWN\nA is no line of ours\nProxy l_2 stopped\n")
    assert list(outcomes(counted)) == []


def test_an_outcome_is_what_the_line_says() -> None:
    [(found, count)] = outcomes(words(f"{SHORT}\n".encode()))
    assert (found.frontend, found.backend, found.zone, found.rule, count) == ("l_1", "tg_1", 2, 50001, 1)
    assert (found.status, found.target_status, found.milliseconds) == (200, 200, 20)


def test_a_client_that_left_is_460_and_no_time_of_the_target() -> None:
    found = outcome(status=400, target="-", end="CH", time="-1")
    assert (found.status, found.milliseconds) == (460, None)


@pytest.mark.parametrize(
    ("end", "retries", "expected"),
    [
        ("--", "0", 0),
        # Another attempt came through; `+`: at another target.
        ("--", "1", 1),
        ("--", "+2", 2),
        # All failed, the first and its repeats.
        ("SC", "3", 4),
        ("sC", "3", 4),
        # The target took the requests, and gave no answer.
        ("SH", "3", 0),
    ],
)
def test_a_failed_connection_is_each_attempt_to_reach_a_target_in_vain(
    end: str, retries: str, expected: int
) -> None:
    assert outcome(end=end, retries=retries).failed_connections == expected


@pytest.mark.parametrize(
    ("end", "expected"), [("--", True), ("SC", True), ("CH", True), ("LR", False), ("CQ", False)]
)
def test_a_target_was_chosen_unless_the_request_ended_before(end: str, expected: bool) -> None:
    assert outcome(end=end).has_target is expected


def test_what_the_parser_refuses_is_not_compliant() -> None:
    assert outcome(status=400, target="-", end="PR").is_noncompliant
    assert not outcome(status=503, target="-", end="LR").is_noncompliant
