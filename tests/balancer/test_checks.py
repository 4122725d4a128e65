"""What a health check asks, to the letter."""

from __future__ import annotations

import pytest

from tidegate.balancer.decisions.checks import Question, http1_request, http2_headers, question
from tidegate.fleet.balancing import GroupDocument, GroupTarget, HealthCheckDocument

TARGET = GroupTarget(id="i-1", port=8080, address="10.0.1.9")


def group(check: HealthCheckDocument, version: str = "HTTP1", protocol: str = "HTTP") -> GroupDocument:
    return GroupDocument(
        target_group_arn="arn:tg/1",
        generation=1,
        protocol=protocol,
        protocol_version=version,
        health_check=check,
    )


def test_a_check_over_http1_is_to_the_letter_of_awss() -> None:
    asked = question(group(HealthCheckDocument(path="/health?deep=1")), TARGET)
    assert http1_request(asked) == (
        b"GET /health?deep=1 HTTP/1.1\r\n"
        b"Host: 10.0.1.9:8080\r\n"
        b"Connection: close\r\n"
        b"User-Agent: ELB-HealthChecker/2.0\r\n"
        b"Accept-Encoding: gzip, compressed\r\n"
        b"\r\n"
    )


@pytest.mark.parametrize(
    ("address", "port", "is_tls", "host"),
    [
        ("10.0.1.9", 80, False, "10.0.1.9"),
        ("10.0.1.9", 443, True, "10.0.1.9"),
        ("10.0.1.9", 443, False, "10.0.1.9:443"),
        ("10.0.1.9", 80, True, "10.0.1.9:80"),
        ("fd00::9", 80, False, "[fd00::9]"),
        ("fd00::9", 81, False, "[fd00::9]:81"),
    ],
)
def test_the_host_names_the_port_unless_it_is_the_protocols_own(
    address: str, port: int, is_tls: bool, host: str
) -> None:
    assert Question(address=address, port=port, path="/", is_tls=is_tls).host == host


def test_the_port_is_the_targets_unless_the_group_names_one() -> None:
    assert question(group(HealthCheckDocument()), TARGET).port == 8080
    assert question(group(HealthCheckDocument(port="9000")), TARGET).port == 9000


def test_the_checks_protocol_is_its_own_not_the_groups() -> None:
    assert not question(group(HealthCheckDocument(protocol="HTTP"), protocol="HTTPS"), TARGET).is_tls
    assert question(group(HealthCheckDocument(protocol="HTTPS")), TARGET).is_tls


def test_a_check_of_an_http2_group_is_a_get() -> None:
    headers = http2_headers(question(group(HealthCheckDocument(path="/up"), version="HTTP2"), TARGET))
    assert headers == [
        (":method", "GET"),
        (":scheme", "http"),
        (":authority", "10.0.1.9:8080"),
        (":path", "/up"),
        ("user-agent", "ELB-HealthChecker/2.0"),
        ("accept-encoding", "gzip, compressed"),
    ]


def test_a_check_of_a_grpc_group_is_a_unary_call() -> None:
    check = HealthCheckDocument(path="/AWS.ALB/healthcheck", protocol="HTTPS", matcher="12")
    headers = dict(http2_headers(question(group(check, version="GRPC"), TARGET)))
    assert (headers[":method"], headers[":scheme"]) == ("POST", "https")
    assert headers[":path"] == "/AWS.ALB/healthcheck"
    assert (headers["content-type"], headers["te"]) == ("application/grpc", "trailers")
