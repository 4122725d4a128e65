"""Connections and bytes, from counters that begin anew with each worker."""

from __future__ import annotations

from tests.balancer.traffic.test_samples import OTHER, TURN
from tests.balancer.traffic.world import BACKEND, EDGE, FRONTEND, NAMES, ZONES, state, total, world

from tidegate.balancer.decisions.traffic.connections import (
    Counters,
    count_connections,
    count_rejected,
    counters,
    grown,
)
from tidegate.balancer.decisions.traffic.counting import Figures, Rotation
from tidegate.balancer.decisions.traffic.samples import Span, samples
from tidegate.domain.cloudwatch import Sample

OLD, NEW = 10, 11


def told(span: Span = OTHER, **counted: Counters) -> tuple[Sample, ...]:
    found, group = Figures(), world(state(*ZONES))
    named = {"front": FRONTEND, "back": BACKEND, "zonal": f"{BACKEND}.1", "other": "names_8080"}
    by_name = {named[key]: one for key, one in counted.items()}
    count_connections(span, found, by_name, NAMES, Rotation())
    return samples(span, found, group, samples(span, Figures(), group, {})[1])[0]


def test_a_row_of_a_frontend_and_one_of_a_backend() -> None:
    row = {
        "svname": "FRONTEND",
        "conn_tot": "5",
        "h1_open_connections": "1",
        "h2_open_connections": "2",
        "ssl_failed_handshake": "3",
        "h1_bytes_in": "10",
        "h1_bytes_out": "20",
        "bin": "11",
        "bout": "",
    }
    assert counters(row) == Counters(
        open_now=3, connections=5, failed_handshakes=3, http1_bytes=30, accounted_bytes=11
    )
    assert counters({"svname": "BACKEND", "h1_total_connections": "7", "conn_tot": "1"}).connections == 7


def test_what_has_grown_is_of_all_workers_together() -> None:
    before = {(OLD, "l"): Counters(connections=5)}
    now = {(OLD, "l"): Counters(connections=7, open_now=1), (NEW, "l"): Counters(connections=3, open_now=2)}
    assert grown(before, now) == {"l": Counters(connections=5, open_now=3)}


def test_a_worker_that_is_gone_takes_nothing_away() -> None:
    before = {(OLD, "l"): Counters(connections=5), (NEW, "l"): Counters(connections=1)}
    assert grown(before, {(NEW, "l"): Counters(connections=2)}) == {"l": Counters(connections=1)}


def test_counters_that_begin_anew_are_never_negative() -> None:
    before, now = {(OLD, "l"): Counters(connections=5)}, {(OLD, "l"): Counters(connections=2)}
    assert grown(before, now)["l"].connections == 2


def test_asked_twice_nothing_has_grown() -> None:
    now = {(OLD, "l"): Counters(connections=5, accounted_bytes=9)}
    assert grown(now, now) == {"l": Counters()}


def test_bytes_are_those_on_the_wire_and_as_accounted_where_http2_is_among_them() -> None:
    assert Counters(http1_bytes=10, accounted_bytes=14).bytes == 10
    assert Counters(http1_bytes=10, accounted_bytes=14, http2_requests=1).bytes == 14


def test_new_connections_are_clients_and_targets_together() -> None:
    made = told(front=Counters(connections=4), back=Counters(connections=3))
    assert total(made, "NewConnectionCount") == 7
    assert sum(total(made, "NewConnectionCount", "AL", zone) or 0 for zone in ZONES) == 7


def test_connections_that_are_open_are_told_once_a_minute() -> None:
    assert total(told(front=Counters(open_now=4)), "ActiveConnectionCount") is None
    made = told(TURN, front=Counters(open_now=4), back=Counters(open_now=1))
    assert total(made, "ActiveConnectionCount") == 5


def test_bytes_and_failed_handshakes_of_clients() -> None:
    made = told(front=Counters(http1_bytes=1001, failed_handshakes=2))
    assert (total(made, "ProcessedBytes"), total(made, "ClientTLSNegotiationErrorCount")) == (1001, 2)
    assert total(told(back=Counters(http1_bytes=1001)), "ProcessedBytes") is None


def test_failed_handshakes_of_targets_are_their_groups_too() -> None:
    made = told(zonal=Counters(failed_handshakes=2))
    assert total(made, "TargetTLSNegotiationErrorCount", "ALT", ZONES[1]) == 2
    assert total(made, "TargetTLSNegotiationErrorCount", "ALT", ZONES[0]) is None
    assert total(made, "TargetTLSNegotiationErrorCount", "LT") == 2
    assert total(made, "ClientTLSNegotiationErrorCount") is None


def test_connections_that_were_turned_away_are_their_listeners() -> None:
    found, group = Figures(), world(state(*ZONES))
    count_rejected(found, {EDGE.load_balancers[0].listeners[0].arn: 3, "of/another": 9}, NAMES, Rotation())
    made, _ = samples(OTHER, found, group, {})
    assert total(made, "RejectedConnectionCount") == 3
    assert [total(made, "RejectedConnectionCount", "AL", zone) for zone in ZONES] == [2, 1]


def test_proxies_that_are_no_load_balancers_count_nowhere() -> None:
    assert told(other=Counters(connections=4, open_now=2)) == ()
