"""What is measured is what clients did, through a real HAProxy."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest
from tests.balancer.lab import PORT, Lab, fixed, forward, listener, redirect, rule, running, values
from tests.balancer.reports import SPAN, Control
from tests.balancer.traffic.world import BALANCER, GROUP, ZONES

from tidegate.balancer.decisions.traffic.samples import Span
from tidegate.domain.cloudwatch import together
from tidegate.fleet.balancing import (
    EdgeCertificate,
    EdgeListener,
    EdgeTls,
    GroupStickiness,
)
from tidegate.fleet.session import Frame
from tidegate.testing.balancing.certificates import self_signed

pytestmark = pytest.mark.timeout(60)


def a_listener(*, name: str = "blue") -> EdgeListener:
    return listener(
        rule(1, fixed("404"), values("path-pattern", "/no")),
        rule(2, redirect(), values("path-pattern", "/away")),
        default=forward(name),
    )


async def test_every_request_is_counted_where_it_went(lab: Lab) -> None:
    control = Control(lab)
    await lab.edge(a_listener(), zones=ZONES)
    for path, times in (("/", 7), ("/no", 3), ("/away", 2)):
        for _ in range(times):
            await lab.ask(path)
    await lab.send(b"no request\r\n\r\n")
    assert await control.total("RequestCount") == 7
    assert await control.total("RequestCount", BALANCER, GROUP) == 7
    assert await control.total("HTTPCode_Target_2XX_Count") == 7
    assert await control.total("HTTP_Fixed_Response_Count") == 3
    assert await control.total("HTTP_Redirect_Count") == await control.total("HTTPCode_ELB_3XX_Count") == 2
    assert await control.total("HTTPCode_ELB_4XX_Count") == 4
    assert await control.total("DesyncMitigationMode_NonCompliant_Request_Count") == 1
    assert await control.total("RuleEvaluations") == 7 * 2 + 3 * 1 + 2 * 2
    in_zones = [await control.total("RequestCount", zone, BALANCER) for zone in ZONES]
    assert sorted(in_zones) == [3, 4]


async def test_counts_are_exact_over_a_reload_under_load(lab: Lab) -> None:
    control = Control(lab)
    await lab.edge(a_listener(), zones=ZONES)
    before, done = await lab.worker(), asyncio.Event()

    async def ask() -> int:
        count = 0
        while not done.is_set():
            count += (await lab.ask("/")).status == 200
        return count

    clients = [asyncio.create_task(ask()) for _ in range(4)]
    await lab.edge(a_listener(), zones=ZONES, idle_timeout_seconds=30)
    assert await lab.worker() != before
    assert await control.total("RequestCount") > 0
    done.set()
    asked = sum(await asyncio.gather(*clients))
    assert await control.total("RequestCount") == await control.total("HTTPCode_Target_2XX_Count") == asked


async def test_requests_for_a_group_without_targets_are_counted_for_it_all_the_same(lab: Lab) -> None:
    control = Control(lab)
    await lab.edge(a_listener(), zones=ZONES)
    lab.group("blue", has_target=False)
    statuses = [(await lab.ask("/")).status for _ in range(100)]
    assert statuses[-1] == 503
    assert await control.total("NoTargetRequestCount", BALANCER, GROUP) == statuses.count(503)
    assert await control.total("RequestCount", BALANCER, GROUP) == statuses.count(200)


async def test_counts_go_on_after_haproxy_was_killed(lab: Lab) -> None:
    control = Control(lab)
    await lab.edge(a_listener(), zones=ZONES)
    for _ in range(5):
        await lab.ask("/")
    assert await control.total("RequestCount") == 5
    pid = lab.balancer.haproxy.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await lab.until(lambda: lab.balancer.haproxy.pid not in (None, pid))
    for _ in range(100):
        try:
            if (await lab.ask("/")).status == 200:
                break
        except OSError:
            await asyncio.sleep(0.05)
    for _ in range(3):
        await lab.ask("/")
    assert await control.total("RequestCount") == 5 + 1 + 3


async def test_what_a_balancer_had_not_reported_the_next_one_does_and_nothing_twice(tmp_path: Path) -> None:
    async with running(tmp_path) as lab:
        control = Control(lab)
        await lab.edge(a_listener(), zones=ZONES)
        for _ in range(4):
            await lab.ask("/")
        assert await control.total("RequestCount") == 4
        for _ in range(6):
            await lab.ask("/")
        await lab.pause(0.1)
    async with running(tmp_path) as again:
        later = Control(again)
        await again.until(lambda: bool(again.balancer._documents.edge.load_balancers))
        # A span may have ended before the first balancer did.
        told = sum(one.sum for one in control.summaries("RequestCount", BALANCER))
        assert told + await later.total("RequestCount") == 10
        reports = [*control.reports, *later.reports]
        assert len({report.source for report in reports}) == 1
        assert [report.sequence for report in reports] == list(range(1, len(reports) + 1))


async def test_a_targets_time_is_what_the_client_sees_of_it(lab: Lab) -> None:
    control = Control(lab)
    await lab.edge(a_listener(), zones=ZONES)
    loop, seen = asyncio.get_running_loop(), []
    delays = [delay for delay in (0.0, 0.05, 0.1, 0.2) for _ in range(5)]
    for delay in delays:
        lab.targets["blue"].delay = delay
        began = loop.time()
        await lab.ask("/")
        seen.append(loop.time() - began)
    await control.total("RequestCount")
    found = together(control.summaries("TargetResponseTime", BALANCER))
    assert (found.count, found.sketch is not None) == (20, True)
    # Not more than the client waited, which now and then includes its own wait for a core.
    assert sum(delays) / 20 - 0.01 < found.average < sum(seen) / 20 + 0.01
    for share in (0.3, 0.6, 0.9):
        assert found.sketch is not None
        place = int(share * 19)
        assert delays[place] - 0.01 < found.sketch.quantile(share) < sorted(seen)[place] + 0.01


async def test_connections_and_bytes_are_counted_over_a_reload(lab: Lab) -> None:
    control = Control(lab)
    await lab.edge(a_listener(), zones=ZONES)
    request, before = b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n", await lab.worker()
    async with lab.connection() as kept:
        await kept.ask(request)
        assert await control.total("NewConnectionCount") == 1
        # The new worker counts from zero, the old one goes on with its connection.
        await lab.edge(a_listener(), zones=ZONES, idle_timeout_seconds=30)
        assert await lab.worker() != before
        for _ in range(4):
            await lab.ask("/")
        assert await control.total("NewConnectionCount") == 5
        sent, received = await control.total("ProcessedBytes"), 5 * (len(request) + len(ANSWER))
    assert sent == pytest.approx(received, abs=5 * 5)


ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nblue"


async def test_open_connections_of_clients_and_targets_are_counted_in_the_load_balancers_turn(
    lab: Lab,
) -> None:
    control = Control(lab)
    await lab.edge(a_listener(), zones=ZONES)
    async with lab.connection() as kept:
        await kept.ask(b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n")
        turn = next(Span(at=at) for at in range(0, 60, 5) if Span(at=at).is_turn_of(BALANCER))
        await control.total("RequestCount")
        await lab.balancer._traffic.measure(turn)
    assert await control.total("ActiveConnectionCount") == 2
    # The client's, and the one to the target.
    assert await control.total("NewConnectionCount") == 2


@pytest.mark.parametrize(
    ("drops", "name"),
    [(False, "ForwardedInvalidHeaderRequestCount"), (True, "DroppedInvalidHeaderRequestCount")],
)
async def test_requests_with_invalid_header_names_are_counted(lab: Lab, drops: bool, name: str) -> None:
    control = Control(lab)
    await lab.edge(a_listener(), zones=ZONES[:1], drops_invalid_headers=drops)
    await lab.ask("/", headers={"X-Fine": "1"})
    await lab.ask("/", headers={"x_odd": "1"})
    assert await control.total(name, ZONES[0], BALANCER) == 1
    assert [bool(request.values("x_odd")) for request in lab.seen] == [False, not drops]
    assert {len(request.values("x-fine")) for request in lab.seen} == {0, 1}


async def test_a_sticky_client_counts_until_it_has_a_target(lab: Lab) -> None:
    control = Control(lab)
    await lab.edge(a_listener(), zones=ZONES)
    lab.group("blue", stickiness=GroupStickiness(type="lb_cookie", seconds=60))
    await lab.until_text("AWSALB=")
    first = await lab.ask("/")
    cookie = next(value for value in first.values("set-cookie") if value.startswith("AWSALB="))
    for _ in range(3):
        await lab.ask("/", headers={"Cookie": cookie.partition(";")[0]})
    assert await control.total("NonStickyRequestCount") == 1
    assert await control.total("RequestCount") == 4


async def test_a_client_without_its_applications_cookie_is_counted_apart(lab: Lab) -> None:
    control = Control(lab)
    await lab.edge(a_listener(), zones=ZONES)
    lab.group("blue", stickiness=GroupStickiness(type="app_cookie", seconds=60, cookie_name="app"))
    await lab.until_text("AWSALBAPP-0=")
    await lab.ask("/")
    assert await control.total("AppCookieNonStickinessCount") == await control.total("RequestCount") == 1
    assert await control.total("NonStickyRequestCount") == 0


async def test_handshakes_that_fail_are_counted(lab: Lab, tmp_path: Path) -> None:
    control = Control(lab)
    pem = self_signed(tmp_path / "shown.pem", "lab.test")
    certificate = EdgeCertificate(arn="c", pem=pem.read_text())
    tls = EdgeTls(certificates=("c",), policy="p", protocols=("TLSv1.2",), ciphers=())
    await lab.edge(
        listener(default=forward("blue"), protocol="HTTPS", tls=tls),
        zones=ZONES,
        document={"certificates": (certificate,)},
    )
    await lab.send(b"this is no hello\r\n\r\n")
    assert await control.total("ClientTLSNegotiationErrorCount") == 1
    assert await control.total("NewConnectionCount") == 1
    assert await control.total("RequestCount") == 0


async def test_a_listener_that_is_gone_is_known_until_the_next_change_and_then_forgotten(lab: Lab) -> None:
    control = Control(lab)
    for port in (PORT, PORT + 1, PORT + 2):
        await lab.edge(listener(default=forward("blue"), port=port), zones=ZONES)
        await lab.ask("/", port=lab.port_of(port))
        await control.total("RequestCount")
    known = lab.balancer._traffic._names[2].fronts
    assert sorted(int(name[-5:]) for name in known) == [PORT + 1, PORT + 2]
    assert await control.total("RequestCount") == 3


async def test_what_a_full_disk_does_not_take_is_reported_once_when_there_is_room(lab: Lab) -> None:
    control = Control(lab)
    await lab.edge(a_listener(), zones=ZONES)
    await lab.ask("/")
    assert await control.total("RequestCount") == 1
    traffic, before = lab.balancer._traffic, len(control.reports)
    ahead = traffic._spool.progress.sequence + 1
    # In the way of the files of the next reports, whichever they are.
    blocks = [traffic._spool._path(number).with_suffix(".new") for number in range(ahead, ahead + 5)]
    for block in blocks:
        block.mkdir()
    await lab.ask("/")
    assert await control.total("RequestCount") == 1
    assert len(control.reports) == before
    for block in blocks:
        block.rmdir()
    await lab.ask("/")
    assert await control.total("RequestCount") == 3
    assert [report.sequence for report in control.reports] == list(range(1, len(control.reports) + 1))


async def test_what_goes_wrong_with_measuring_stops_no_traffic_and_no_later_measuring(lab: Lab) -> None:
    traffic = lab.balancer._traffic
    await lab.edge(a_listener(), zones=ZONES)
    await lab.ask("/")

    def refuse(_: Frame) -> None:
        raise ValueError("no such thing")

    traffic._dispatch._send = refuse
    await lab.pause(0.1)
    await traffic._measure_or_tell(SPAN)
    control = Control(lab)
    assert (await lab.ask("/")).status == 200
    assert await control.total("RequestCount") == 2
