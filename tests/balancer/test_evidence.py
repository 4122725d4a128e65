"""Which targets deserve a look, from HAProxy's lines and counters."""

from __future__ import annotations

import pytest

from tidegate.balancer.decisions.anomalies import Counts
from tidegate.balancer.decisions.evidence import counts, error_count, evidence, suspected_servers

# As templates/haproxy.cfg.j2 lays it out.
LINE = (
    "A l_1|tg_1|{status}|-|{end}|{retries}|-|-|-|-|-|1 127.0.0.1:5|9.1|127.1.1.1:80|0|0|0|1|90|120|i-1_80|T"
    "|GET|HTTP/1.1|/"
)


def line(*, status: int = 502, end: str = "--", retries: str = "0") -> str:
    return LINE.format(status=status, end=end, retries=retries)


@pytest.mark.parametrize(
    "said",
    [
        line(end="SC"),
        line(end="SH"),
        line(end="sC", status=503),
        line(status=200, retries="+1"),
        line(status=200, retries="2"),
    ],
)
def test_a_request_that_a_target_failed_names_its_backend(said: str) -> None:
    found = evidence([said])
    assert (found.suspected, found.failing) == ({"tg_1"}, {"tg_1"})


def test_a_5xx_that_a_target_gave_is_failing_but_no_sign_of_a_dead_one() -> None:
    found = evidence([line(status=500)])
    assert (found.suspected, found.failing) == (set(), {"tg_1"})


@pytest.mark.parametrize(
    "said",
    [line(end="CD"), line(end="CD", retries="+0"), "Server tg_1/i-1_80 is DOWN", "A torn|line", ""],
)
def test_other_lines_name_none(said: str) -> None:
    found = evidence([said])
    assert (found.suspected, found.failing) == (set(), set())


def test_a_zones_backend_is_its_groups() -> None:
    assert evidence([line(end="SC").replace("|tg_1|", "|tg_1.0|")]).suspected == {"tg_1"}


def test_what_a_server_was_sent_is_what_it_answered_and_what_it_did_not() -> None:
    row = {"hrsp_2xx": "90", "hrsp_4xx": "5", "hrsp_5xx": "3", "hrsp_1xx": "", "econ": "1", "eresp": "1"}
    assert counts(row) == Counts(requests=100, failures=5)


def test_a_servers_errors_are_those_that_a_retry_mended_too() -> None:
    assert error_count({"econ": "1", "eresp": "2", "wretr": "3", "wredis": "", "hrsp_5xx": "9"}) == 6


def test_only_servers_with_new_errors_are_suspected() -> None:
    assert suspected_servers({"a": 1, "b": 1}, {"a": 1, "b": 2, "c": 0, "d": 1}) == {"b", "d"}


def test_counters_that_began_anew_are_read_from_zero() -> None:
    assert suspected_servers({"a": 9, "b": 9}, {"a": 2, "b": 0}) == {"a"}
