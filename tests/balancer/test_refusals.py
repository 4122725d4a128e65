"""Requests that the load balancer refuses, and those that it takes with caution."""

from __future__ import annotations

import pytest
from tests.balancer.lab import Answer, Lab, forward, listener

pytestmark = pytest.mark.timeout(60)

GET_WITH_BODY = b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
GET_CHUNKED = b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
OLD_CHUNKED = b"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
EMPTY_GET = b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
NEW_VERSION = b"GET / HTTP/1.7\r\nHost: a\r\n\r\n"
CONTROL = b"GET / HTTP/1.1\r\nHost: a\r\nX-A: a\x01b\r\n\r\n"
BOTH_LENGTHS = (
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
)
PLAIN = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def suspicious(name: bytes) -> bytes:
    return b"GET / HTTP/1.1\r\nHost: a\r\n" + name + b": chunked\r\n\r\n"


SUSPICIOUS = [
    suspicious(name)
    for name in (
        b"Transfer_Encoding",
        b"Content.Length",
        b"transferencoding",
        b"-content-length",
        b"Transfer-Encoding-",
        b"c-o-n-t-e-n-t-length",
    )
]
AMBIGUOUS = [GET_WITH_BODY, GET_CHUNKED, OLD_CHUNKED, *SUSPICIOUS]
ACCEPTABLE = [EMPTY_GET, NEW_VERSION, CONTROL]
SEVERE = [
    b"GET / HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n",
    b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
    b"G(T / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/a.b\r\nHost: a\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\nabc",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
]


async def forwarding(lab: Lab, **attributes: object) -> None:
    await lab.edge(listener(default=forward("a")), **attributes)


async def sent(lab: Lab, request: bytes) -> tuple[Answer, bool]:
    """The answer, and whether the connection then takes another request."""
    first, *rest = await lab.send(request, PLAIN, count=2)
    return first, bool(rest) and rest[0].status != 0


@pytest.mark.proves("status:405")
async def test_trace_and_connect_are_405(lab: Lab) -> None:
    await forwarding(lab)
    for method, target in (("TRACE", "/"), ("CONNECT", "lab:80")):
        answer = await lab.ask(target, method=method)
        assert (answer.status, answer.reason, len(answer.body)) == (405, "Method Not Allowed", 136)
    assert lab.seen == []


async def test_any_other_method_is_forwarded(lab: Lab) -> None:
    await forwarding(lab)
    for method in ("GET", "PURGE", "X-1_2.3", "get"):
        assert (await lab.ask(method=method)).status == 200
        assert lab.seen[-1].line == f"{method} / HTTP/1.1"


@pytest.mark.proves("status:505")
async def test_another_major_version_is_505(lab: Lab) -> None:
    await forwarding(lab)
    for version in ("HTTP/2.0", "HTTP/3.0"):
        assert (await lab.ask(version=version)).status == 505
    assert lab.seen == []


@pytest.mark.proves("status:400")
async def test_http_1_1_without_a_host_is_400(lab: Lab) -> None:
    await forwarding(lab)
    answer = await lab.ask(host=None)
    assert (answer.status, len(answer.body), answer.values("connection")) == (400, 122, ["close"])
    assert (await lab.ask(host=None, version="HTTP/1.0")).status == 200


@pytest.mark.proves("status:463")
async def test_more_than_thirty_forwarded_addresses_are_463(lab: Lab) -> None:
    await forwarding(lab)
    address = "1.2.3.4"
    assert (await lab.ask(headers={"X-Forwarded-For": ", ".join([address] * 30)})).status == 200
    assert (await lab.ask(headers={"X-Forwarded-For": ", ".join([address] * 31)})).status == 463
    several = [("X-Forwarded-For", ", ".join([address] * 16))] * 2
    assert (await lab.ask(headers=several)).status == 463


async def test_headers_beyond_what_is_taken_are_400(lab: Lab) -> None:
    """AWS takes 64 K of headers; HAProxy's buffer has room for 15."""
    await forwarding(lab)
    assert (await lab.ask(headers={"X-A": "a" * 14000})).status == 200
    assert (await lab.ask("/" + "a" * 14000)).status == 200
    assert (await lab.ask(headers={"X-A": "a" * 16384})).status == 400
    assert (await lab.ask("/" + "a" * 16384)).status == 400


@pytest.mark.parametrize("mode", ["defensive", "strictest"])
async def test_severe_requests_are_400_and_end_the_connection(lab: Lab, mode: str) -> None:
    await forwarding(lab, desync_mitigation_mode=mode)
    for request in SEVERE:
        answer, goes_on = await sent(lab, request)
        assert (answer.status, goes_on) == (400, False), request
    assert lab.seen == []


async def test_defensive_forwards_ambiguous_requests_and_ends_both_connections(lab: Lab) -> None:
    await forwarding(lab)
    for request in AMBIGUOUS:
        lab.seen.clear()
        answer, goes_on = await sent(lab, request)
        assert (answer.status, goes_on) == (200, False), request
        assert answer.values("connection") == ["close"], request
        # A request of HTTP/1.0 closes without saying so.
        closes = [[]] if lab.seen[-1].line.endswith("1.0") else [["close"]]
        assert [one.values("connection") for one in lab.seen] == closes, request
    for request in ACCEPTABLE:
        answer, goes_on = await sent(lab, request)
        assert (answer.status, goes_on) == (200, True), request


async def test_a_request_with_two_lengths_reaches_the_target_with_one(lab: Lab) -> None:
    await forwarding(lab)
    answer, goes_on = await sent(lab, BOTH_LENGTHS)
    assert (answer.status, goes_on) == (200, False)
    assert (lab.seen[-1].values("content-length"), lab.seen[-1].values("transfer-encoding")) == (
        [],
        ["chunked"],
    )


async def test_strictest_takes_only_compliant_requests(lab: Lab) -> None:
    await forwarding(lab, desync_mitigation_mode="strictest")
    for request in (*AMBIGUOUS, *ACCEPTABLE):
        answer, goes_on = await sent(lab, request)
        assert (answer.status, goes_on) == (400, False), request
    assert lab.seen == []
    assert await sent(lab, PLAIN) == ((await lab.send(PLAIN))[0], True)
    assert (await lab.ask(method="POST", body=b"abc")).status == 200


async def test_monitor_forwards_what_haproxy_can_read(lab: Lab) -> None:
    await forwarding(lab, desync_mitigation_mode="monitor")
    odd = [
        b"GET / HTTP/1.1\r\nHost: a\r\nBad(name): x\r\n\r\n",
        b"GET /\xc3\xa4#x HTTP/1.1\r\nHost: a\r\n\r\n",
    ]
    for request in (*AMBIGUOUS[:2], *SUSPICIOUS, *ACCEPTABLE, *odd):
        answer, goes_on = await sent(lab, request)
        assert (answer.status, goes_on) == (200, True), request


async def test_monitor_refuses_what_has_no_meaning(lab: Lab) -> None:
    """AWS forwards severe requests in this mode; a parser must know where a request ends."""
    await forwarding(lab, desync_mitigation_mode="monitor")
    for request in SEVERE:
        answer, goes_on = await sent(lab, request)
        assert (answer.status, goes_on) == (400, False), request
    assert lab.seen == []


@pytest.mark.proves("load-balancer-attribute:client_keep_alive.seconds")
async def test_a_connection_beyond_its_time_serves_one_more_request(lab: Lab) -> None:
    await forwarding(lab, client_keep_alive_seconds=1)
    async with lab.connection() as connection:
        first = await connection.ask(PLAIN)
        await lab.pause(1.3)
        second = await connection.ask(PLAIN)
        assert (first.status, first.values("connection")) == (200, [])
        assert (second.status, second.values("connection")) == (200, ["close"])
        assert (await connection.ask(PLAIN)).status == 0


@pytest.mark.proves("status:408")
async def test_a_silent_client_is_408_in_a_request_and_is_closed_between_two(lab: Lab) -> None:
    await forwarding(lab, idle_timeout_seconds=1)
    [late] = await lab.send(b"GET / HTTP/1.1\r\nHost: a\r\n")
    assert (late.status, late.values("connection")) == (408, ["close"])
    answers = await lab.send(PLAIN, count=2)
    assert [answer.status for answer in answers] == [200, 0]
