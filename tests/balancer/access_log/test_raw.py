"""HAProxy's lines, read."""

from __future__ import annotations

import pytest
from tests.balancer.access_log.lines import LONG, SHORT

from tidegate.balancer.decisions.access_log.raw import (
    SHORT_FORMAT,
    TLS_FORMAT,
    LoggedRequest,
    elb_status,
    long_format,
    read,
    read_long,
)


@pytest.mark.parametrize("line", [SHORT, LONG])
def test_both_kinds_of_line_tell_what_balancing_needs(line: str) -> None:
    said = read(line)
    assert said is not None
    assert (said.elb_status, said.target_status, said.retries, said.termination) == ("200", "200", "0", "--")


def test_times_are_in_seconds() -> None:
    said = read(SHORT)
    assert said is not None
    assert (said.target_seconds, said.total_seconds) == (0.020, 0.025)


def test_a_target_that_gave_no_answer_has_no_time() -> None:
    said = read(SHORT.replace("|200|200|", "|504|-|").replace("|20 ", "|-1 "))
    assert said is not None
    assert said.target_seconds is None


def test_the_backends_of_all_zones_are_their_target_groups() -> None:
    said = read(SHORT)
    assert said is not None
    assert (said.backend, said.target_group) == ("tg_1.2", "tg_1")


def test_a_backend_that_answers_by_itself_is_no_target_groups() -> None:
    said = read(SHORT.replace("tg_1.2", "l_1_2"))
    assert said is not None
    assert said.target_group is None


@pytest.mark.parametrize("line", ["", "Server tg_1/i-1 is DOWN", "A l_1|tg_1|200", "C" + LONG[1:]])
def test_other_lines_are_none(line: str) -> None:
    assert read(line) is None
    assert read_long(line) is None


def test_a_short_line_is_no_long_one() -> None:
    assert read_long(SHORT) is None


def test_what_a_client_chose_stands_in_its_own_field_and_is_made_printable() -> None:
    said = read_long(LONG)
    assert said is not None
    assert said.trace == "Self=1-6b;Root=1-2|]3"
    assert said.uri == r"/a?x=1\x22\xE9"
    assert said.user_agent == r"ag \x22q\x22 \x5C ] |] \xE9 #22"


def test_a_field_of_a_client_that_looks_like_a_separator_shifts_none() -> None:
    agent = "|]x|]\\".replace("\\", "\\\\").replace("]", "\\]")
    said = read_long(LONG.replace("]GET|]", f"]{agent}|]"))
    assert said is not None
    assert (said.method, said.version, said.host) == (r"|]x|]\x5C", "HTTP/1.1", "lab")


def test_what_was_cut_off_a_line_is_absent() -> None:
    said = read_long(LONG[: LONG.index("/a?x=1") + 3])
    assert said is not None
    assert (said.uri, said.user_agent, said.host) == ("/a?", "-", "lab")
    assert said.location == "-"


@pytest.mark.parametrize(
    ("status", "target_status", "termination", "expected"),
    [
        ("200", "200", "--", "200"),
        ("502", "-", "SC", "502"),
        # The client left while a target was waited for, connected to, or had the request.
        ("400", "-", "CQ", "460"),
        ("400", "-", "CC", "460"),
        ("400", "-", "CH", "460"),
        # In the middle of the answer, or before the request was one.
        ("200", "200", "CD", "200"),
        ("400", "-", "CR", "400"),
        # The client was silent for too long.
        ("408", "-", "cR", "408"),
    ],
)
def test_the_status_in_awss_terms(status: str, target_status: str, termination: str, expected: str) -> None:
    assert elb_status(status, target_status, termination) == expected


@pytest.mark.parametrize("is_tls", [False, True])
@pytest.mark.parametrize("asks_clients", [False, True])
def test_the_long_format_has_every_field_in_its_place(is_tls: bool, asks_clients: bool) -> None:
    text = long_format(is_tls=is_tls, asks_clients=asks_clients)
    assert ("%[var(sess.tls)]" in text) is is_tls
    text = text.replace("%[var(sess.tls)]", TLS_FORMAT)
    head, *chosen = text.split("|]")
    proxys = head.removeprefix("B ").replace(" ", "|").split("|")
    assert len(proxys) + len(chosen) == len(LoggedRequest._fields)
    assert chosen[LoggedRequest._fields.index("uri") - len(proxys)] == "%{+E}HU"
    assert head.removeprefix("B ").startswith(
        SHORT_FORMAT.removeprefix("A ").partition("|%[var(txn.trace)]")[0]
    )


def test_fields_of_plain_listeners_cost_nothing_for_tls() -> None:
    assert "ssl" not in long_format(is_tls=False, asks_clients=False)
