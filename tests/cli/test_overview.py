"""What `tidegate status` says of listeners: what the balancer has bound, and nothing guessed."""

from __future__ import annotations

import pytest

from tidegate.cli.overview import Overview, add_listener

BALANCER = {"LoadBalancerName": "shop", "DNSName": "shop-1.us-east-1.elb.localhost"}


@pytest.mark.parametrize(
    ("protocol", "asked", "port", "scheme", "suffix"),
    [
        ("HTTP", 80, 80, "http", ""),
        ("HTTP", 80, 8080, "http", ":8080"),
        ("HTTPS", 443, 443, "https", ""),
        ("HTTPS", 443, 8443, "https", ":8443"),
        ("HTTPS", 80, 80, "https", ":80"),
    ],
)
def test_a_listener_is_shown_where_it_is_bound(
    protocol: str, asked: int, port: int, scheme: str, suffix: str
) -> None:
    shown = Overview()
    listener = {"Port": asked, "Protocol": protocol}
    add_listener(shown, BALANCER, listener, {"address": "127.80.2.1", "port": port, "error": None})
    assert shown.problems == []
    assert shown.lines == [f"listener   {scheme}://127.80.2.1{suffix}/  shop"]


@pytest.mark.parametrize(
    ("bound", "reason"),
    [
        ({"address": None, "port": None, "error": "address in use"}, "address in use"),
        ({}, "the balancer has not bound it yet"),
    ],
)
def test_a_listener_that_is_not_bound_is_a_problem_with_its_reason(
    bound: dict[str, str | None], reason: str
) -> None:
    shown = Overview()
    add_listener(shown, BALANCER, {"Port": 80, "Protocol": "HTTP"}, bound)
    assert shown.lines == []
    assert shown.problems == [f"shop:80 does not answer ({reason}): see the balancer's log"]


def test_a_listener_that_answers_by_name_shows_it() -> None:
    shown = Overview()
    bound = {"address": "127.80.2.1", "port": 80, "error": None, "namePort": 8080, "nameError": None}
    add_listener(shown, BALANCER, {"Port": 80, "Protocol": "HTTP"}, bound)
    assert shown.lines == [
        "listener   http://127.80.2.1/  shop",
        "           http://shop-1.us-east-1.elb.localhost:8080/",
    ]


def test_a_name_whose_port_somebody_else_has_is_a_problem() -> None:
    shown = Overview()
    bound = {"address": "127.80.2.1", "port": 80, "error": None, "namePort": None, "nameError": "in use"}
    add_listener(shown, BALANCER, {"Port": 80, "Protocol": "HTTP"}, bound)
    assert shown.problems == [
        "shop:80 does not answer by its name (in use): use its address, or stop what has that port "
        "of 127.0.0.1"
    ]
