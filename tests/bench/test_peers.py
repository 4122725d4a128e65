"""What the comparison with other load balancers asks, counts and judges."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.load_balancer.documents import Target
from bench.load_balancer.rules import RULES
from bench.load_balancer.wrk import Slice
from bench.measuring.http import LoadFailedError
from bench.peers import caddy, envoy, h2load, nginx
from bench.peers.cases import CASES, Case
from bench.peers.peer import Place
from bench.peers.rules import HOSTS, PATHS, expression, prefix
from bench.peers.verdict import Figures, geometric_mean, medians, verdicts

KEPT, FRESH = Case("http"), Case("http", is_fresh=True)


def cost(microseconds: float) -> Figures:
    return Figures(rate=1000, p50=0.001, p99=0.002, cpu=microseconds / 1e6, beside=0, busy=1)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, [Target("i-1", "127.62.0.1", 80)], tmp_path / "bench.pem", 8080, 8443)


def test_each_case_is_a_protocol_a_kind_of_connection_and_a_size() -> None:
    assert len(set(CASES)) == 3 * 2 * 2


def test_the_verdict_is_how_many_requests_are_answered_in_the_cpu_time_of_one_of_the_others() -> None:
    [found] = verdicts({KEPT: {"Tidegate": cost(20), "nginx": cost(30)}}, "Tidegate")
    assert found.ratios == {KEPT: pytest.approx(1.5)}
    assert found.missed == []


def test_one_case_below_the_goal_is_missed_whatever_the_mean() -> None:
    figures = {
        KEPT: {"Tidegate": cost(10), "nginx": cost(90)},
        FRESH: {"Tidegate": cost(10), "nginx": cost(9)},
    }
    [found] = verdicts(figures, "Tidegate")
    assert found.missed == [FRESH]
    assert found.mean == pytest.approx((9 * 0.9) ** 0.5)


def test_who_was_not_asked_in_a_case_is_not_judged_in_it() -> None:
    figures = {KEPT: {"Tidegate": cost(10), "MiniStack": cost(900)}, FRESH: {"Tidegate": cost(10)}}
    [found] = verdicts(figures, "Tidegate")
    assert list(found.ratios) == [KEPT]


def test_what_a_bare_haproxy_reaches_is_the_bound_of_a_goal() -> None:
    figures = {
        KEPT: {"Tidegate": cost(20), "bare HAProxy": cost(10), "nginx": cost(15)},
        FRESH: {"Tidegate": cost(20), "bare HAProxy": cost(16), "nginx": cost(15)},
    }
    bare, nginx_ = verdicts(figures, "Tidegate")
    assert bare.bounds == {}
    assert nginx_.missed == [KEPT, FRESH]
    assert nginx_.out_of_reach == [FRESH]


def test_handshakes_can_be_left_out_of_the_mean() -> None:
    ratios = {KEPT: 4.0, Case("https"): 1.0, Case("https", is_fresh=True): 1.0}
    assert geometric_mean(ratios) == pytest.approx(4 ** (1 / 3))
    assert geometric_mean(ratios, handshakes=False) == pytest.approx(2)


def test_a_disturbed_slice_does_not_move_the_median() -> None:
    slices = [Slice(1000, 1.0, seconds) for seconds in (0.5, 0.9, 0.51)]
    assert medians(slices).cpu == pytest.approx(0.00051)


def test_h2load_is_read_line_by_line() -> None:
    lines = "".join(f"{number * 1000}\t200\t{100 + number}\n" for number in range(100))
    found = h2load.slice_of(lines, "127.0.0.1:1", (0.1, 0.0))
    assert (found.requests, found.p50, found.p99) == (100, pytest.approx(150e-6), pytest.approx(199e-6))
    assert found.seconds == pytest.approx(0.099199)


def test_an_answer_that_is_not_200_ends_the_comparison() -> None:
    with pytest.raises(LoadFailedError, match="1 of 2 requests to 127"):
        h2load.slice_of("0\t200\t10\n5\t502\t10\n", "127.0.0.1:1", (0.1, 0.0))


def test_every_rule_stands_in_every_configuration(place: Place) -> None:
    assert len(PATHS) + len(HOSTS) == RULES
    [*rules, _] = caddy.configuration(place)["apps"]["http"]["servers"]["http"]["routes"]
    assert len(rules) == RULES
    [listener, _] = envoy.configuration(place)["static_resources"]["listeners"]
    [http] = listener["filter_chains"][0]["filters"]
    assert len(http["typed_config"]["route_config"]["virtual_hosts"]) == len(HOSTS) + 1
    text = nginx.configuration(place)
    assert text.count("server_name ") == len(HOSTS) + 1
    for pattern in PATHS.values():
        assert f" {prefix(pattern) or expression(pattern)} {{" in text


@pytest.mark.parametrize(
    ("pattern", "begins", "matches"),
    [("/team-1/*", "/team-1/", "^/team-1/.*$"), ("/v?/kinds-9/*/parts", None, "^/v./kinds-9/.*/parts$")],
)
def test_patterns_are_prefixes_where_they_can_be(pattern: str, begins: str | None, matches: str) -> None:
    assert (prefix(pattern), expression(pattern)) == (begins, matches)
