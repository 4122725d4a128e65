"""What Prometheus is told of all spans together."""

from __future__ import annotations

from tests.balancer.traffic.world import BALANCER, FRONTEND, NAMES, word

from tidegate.balancer.decisions.traffic.connections import Counters
from tidegate.balancer.decisions.traffic.counting import Figures, Rotation, figures
from tidegate.balancer.decisions.traffic.lines import outcomes
from tidegate.balancer.decisions.traffic.metrics import Place
from tidegate.balancer.decisions.traffic.totals import Times, Totals


def counted(**fields: int) -> Figures:
    return figures(outcomes({word(target=200, **fields): 2}), NAMES, Rotation())[0]


def test_spans_add_up() -> None:
    totals = Totals()
    totals.add(counted())
    totals.add(counted())
    assert sum(count for (name, _), count in totals.counts.items() if name == "RequestCount") == 4


def test_times_are_in_buckets_of_which_each_has_those_below() -> None:
    times = Times()
    times.add({0.005: 1, 0.02: 2, 60.0: 1})
    found = dict(times.cumulative())
    assert (found["0.005"], found["0.01"], found["0.025"], found["10.0"], found["+Inf"]) == (1, 1, 3, 3, 4)
    assert times.seconds == 60.045


def test_connections_that_are_open_are_a_state_and_no_sum() -> None:
    totals, found = Totals(), Figures()
    found.amount("ActiveConnectionCount", Place(balancer=BALANCER), 3)
    totals.add(found)
    totals.note_open({FRONTEND: Counters(open_now=3), "names_80": Counters(open_now=9)}, NAMES)
    assert (totals.counts, totals.open_now) == ({}, {BALANCER: 3})


def test_load_balancers_that_are_gone_are_forgotten() -> None:
    totals = Totals()
    totals.add(counted())
    totals.keep({BALANCER: ()})
    assert totals.counts
    totals.keep({})
    assert (totals.counts, totals.times) == ({}, {})
