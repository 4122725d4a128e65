"""Each field of the health-check log."""

from __future__ import annotations

from typing import Any

import pytest
from tests.balancer.access_log.edges import GROUP, a_balancer

from tidegate.balancer.decisions.access_log.health_checks import check_line, raw_line
from tidegate.balancer.decisions.checks import Question
from tidegate.balancer.decisions.health import Probe


def line(probe: Probe, matcher: str = "200", **more: Any) -> str:
    asked = Question(**{"address": "10.0.0.1", "port": 80, "path": "/", **more})
    raw = raw_line(GROUP, asked, probe, matcher, began=1_700_000_000.25, seconds=0.0123)
    group, _, said = raw.partition(" ")
    assert group == GROUP
    return check_line(said, a_balancer())


def test_a_check_that_passes() -> None:
    assert line(Probe(status=200)) == (
        "http 2023-11-14T22:13:20.250000Z 0.012300000 10.0.0.1:80 a PASS 200 - app/lb/1 127.80.2.1"
    )


@pytest.mark.parametrize(
    ("probe", "more", "status", "reason"),
    [
        (Probe(status=404), {}, "404", "ResponseCodeMismatch"),
        (Probe(status=503), {}, "503", "TargetError"),
        (Probe(failure="timeout"), {}, "-", "TimedOut"),
        (Probe(failure="timeout", is_connected=False), {}, "-", "TimedOut"),
        (Probe(failure="failed"), {}, "-", "ConnectionReset"),
        (Probe(failure="failed", is_connected=False), {}, "-", "ConnectionReset"),
        (Probe(status=12), {"version": "GRPC"}, "12", "GRPCUnexpectedStatus"),
        (Probe(failure="failed"), {"version": "GRPC"}, "-", "GRPCStatusHeaderEmpty"),
        (Probe(failure="failed", is_connected=False), {"version": "GRPC"}, "-", "ConnectionReset"),
    ],
)
def test_a_check_that_fails_says_why(probe: Probe, more: dict[str, Any], status: str, reason: str) -> None:
    fields = line(probe, "0" if more else "200", **more).split(" ")
    assert fields[5:8] == ["FAIL", status, reason]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "http"),
        ({"is_tls": True}, "https"),
        ({"version": "HTTP2"}, "h2"),
        ({"version": "GRPC", "is_tls": True}, "grpc"),
    ],
)
def test_the_type_is_the_protocols(more: dict[str, Any], expected: str) -> None:
    assert line(Probe(status=200), **more).split(" ")[0] == expected


def test_an_ipv6_address_is_in_brackets() -> None:
    assert line(Probe(status=200), address="::1").split(" ")[3] == "[::1]:80"
