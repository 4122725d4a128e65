"""Which target gets a request, through a real HAProxy."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tidegate.balancer.haproxy.socket import server_table
from tidegate.testing.balancing.running import BACKEND, CHECK, RunningBalancer, eventually, running_balancer
from tidegate.testing.balancing.targets import Target, answering

pytestmark = pytest.mark.timeout(60)

# Faster than the API allows, so that a test need not wait.
FAST = replace(CHECK, interval_seconds=1, timeout_seconds=1, unhealthy_threshold=2, healthy_threshold=2)
ZONES = ("us-east-1a", "us-east-1b")


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[RunningBalancer]:
    async with running_balancer(tmp_path) as started:
        yield started


@pytest.fixture
async def three() -> AsyncIterator[list[Target]]:
    targets = [await Target(name=name).start() for name in "abc"]
    yield targets
    for target in targets:
        await target.stop()


async def answers(running: RunningBalancer, count: int) -> Counter[str]:
    """Who answered, or with which status the load balancer did."""
    found: Counter[str] = Counter()
    for _ in range(count):
        response = await running.request()
        found[response.body.decode() if response.status == 200 else str(response.status)] += 1
    return found


async def weights(running: RunningBalancer) -> dict[str, int]:
    rows = await server_table(running.process.stats_socket, BACKEND)
    return {row["svname"].partition("_")[0]: int(row["weight"]) for row in rows}


@pytest.mark.proves("target-group-attribute:load_balancing.algorithm.type")
async def test_round_robin_is_even(running: RunningBalancer, three: list[Target]) -> None:
    running.group(*(target.registered() for target in three))
    await running.serving(*(target.registered() for target in three))
    assert await answers(running, 30) == {"a": 10, "b": 10, "c": 10}


async def test_least_outstanding_requests_avoids_the_target_that_is_busy(running: RunningBalancer) -> None:
    busy = await Target(answering("busy", delay=1.0), name="busy").start()
    free = await Target(answering("free"), name="free").start()
    algorithm = "least_outstanding_requests"
    running.group(busy.registered(), free.registered(), algorithm=algorithm)
    await running.serving(busy.registered(), free.registered())
    waiting = [asyncio.create_task(running.request()) for _ in range(2)]
    await eventually(lambda: len(busy.requests) == 1)
    assert await answers(running, 20) == {"free": 20}
    await asyncio.gather(*waiting)
    await busy.stop()
    await free.stop()


@pytest.mark.proves("target-group-attribute:load_balancing.algorithm.type")
async def test_weighted_random_is_even_in_the_long_run(running: RunningBalancer, three: list[Target]) -> None:
    running.group(*(target.registered() for target in three), algorithm="weighted_random")
    await running.serving(*(target.registered() for target in three))
    found = await answers(running, 600)
    # Of 600 draws a third is 200, and 5 standard deviations of that are 58.
    assert set(found) == {"a", "b", "c"}
    assert all(abs(count - 200) < 60 for count in found.values()), found


@pytest.mark.proves("target-group-attribute:slow_start.duration_seconds")
async def test_slow_start_ramps_a_new_target_without_a_reload(
    running: RunningBalancer, three: list[Target]
) -> None:
    one, two, _ = three
    running.group(one.registered(), slow_start_seconds=6)
    await running.serving(one.registered())
    loaded = running.process.configuration.stat().st_mtime_ns
    running.group(one.registered(), two.registered(), slow_start_seconds=6)
    await running.serving(one.registered(), two.registered())
    first = await weights(running)
    assert (first["i-a"], first["i-b"] <= 20) == (100, True)
    found = await answers(running, 20)
    assert found["b"] <= 5
    await asyncio.sleep(3)
    assert 25 <= (await weights(running))["i-b"] <= 85
    await asyncio.sleep(4)
    assert await weights(running) == {"i-a": 100, "i-b": 100}
    assert running.process.configuration.stat().st_mtime_ns == loaded, "it was reloaded"


async def test_a_slow_start_goes_on_when_haproxy_is_started_again(
    running: RunningBalancer, three: list[Target]
) -> None:
    one, two, _ = three
    running.group(one.registered(), slow_start_seconds=4)
    await running.serving(one.registered())
    running.group(one.registered(), two.registered(), slow_start_seconds=4)
    await running.serving(one.registered(), two.registered())
    assert running.process._child is not None
    running.process._child.kill()
    await running.process.ended()
    await running.serving(one.registered(), two.registered())
    assert (await weights(running))["i-b"] < 80
    await asyncio.sleep(5)
    assert await weights(running) == {"i-a": 100, "i-b": 100}


async def test_a_target_is_unused_while_its_zone_is_not_enabled_and_then_begins_anew(
    running: RunningBalancer,
) -> None:
    one, two = [await Target(name=name).start() for name in "ab"]
    unused = replace(two.registered(), is_zone_enabled=False)
    running.group(one.registered(), unused, health_check=FAST)
    await running.serving(one.registered())
    await running.until("unused", unused)
    assert running.target_reports()[unused.id].reason == "Target.NotInUse"
    await one.stop()
    # The group opens: but not to the unused one.
    await running.until("unhealthy", one.registered())
    await running.serving(one.registered())
    assert two.checks == []

    running.group(one.registered(), two.registered(), health_check=FAST)
    await running.until("healthy", two.registered())
    await running.answering(200)
    running.group(one.registered(), unused, health_check=FAST)
    await running.until("unused", unused)
    asked = len(two.checks)
    await asyncio.sleep(1.5 * FAST.interval_seconds)
    assert len(two.checks) == asked
    await two.stop()


@pytest.mark.proves("target-group-attribute:load_balancing.cross_zone.enabled")
async def test_without_cross_zone_a_zones_requests_stay_in_it(tmp_path: Path) -> None:
    one, two = [await Target(name=name, zone=zone).start() for name, zone in zip("ab", ZONES, strict=True)]
    async with running_balancer(tmp_path, zones=ZONES) as running:
        running.group(one.registered(), two.registered(), is_cross_zone=False)
        await running.serving(one.registered(), backend=f"{BACKEND}.0")
        await running.serving(two.registered(), backend=f"{BACKEND}.1")
        found = await answers(running, 100)
        # Requests arrive in either zone: of 100 a half is 50, and 5 standard deviations are 25.
        assert set(found) == {"a", "b"}
        assert abs(found["a"] - 50) < 25

        running.group(one.registered(), is_cross_zone=False)
        await running.serving(backend=f"{BACKEND}.1")
        found = await answers(running, 100)
        assert set(found) == {"a", "503"}, "a zone without a target has no answer"

        running.group(one.registered(), two.registered(), is_cross_zone=True)
        await running.serving(one.registered(), two.registered())
        assert await answers(running, 20) == {"a": 10, "b": 10}
    await one.stop()
    await two.stop()


async def test_a_dead_target_in_a_zone_is_found(tmp_path: Path) -> None:
    """The log names the zone's backend; the look is at the group's target."""
    pair = [await Target(name=name, zone=ZONES[0]).start() for name in "ab"]
    dead, alive = pair
    async with running_balancer(tmp_path, zones=ZONES) as running:
        running.group(*(target.registered() for target in pair), is_cross_zone=False)
        await running.serving(*(target.registered() for target in pair), backend=f"{BACKEND}.0")
        await dead.stop()
        await asyncio.gather(*(running.request() for _ in range(30)))
        await running.serving(alive.registered(), backend=f"{BACKEND}.0", seconds=3)
    await alive.stop()


@pytest.mark.proves(
    "target-group-attribute:target_group_health.unhealthy_state_routing.minimum_healthy_targets.count"
)
@pytest.mark.proves(
    "target-group-attribute:target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage"
)
async def test_below_its_minimum_a_group_sends_to_unhealthy_targets_too(
    running: RunningBalancer, three: list[Target]
) -> None:
    sick, *_ = three
    sick.check_status = 500
    registered = [target.registered() for target in three]
    running.group(*registered, health_check=FAST, minimum_healthy_count=2)
    await running.until("unhealthy", sick.registered())
    await running.serving(*registered[1:])
    running.group(*registered, health_check=FAST, minimum_healthy_count=3)
    await running.serving(*registered)
    assert await answers(running, 30) == {"a": 10, "b": 10, "c": 10}
    running.group(*registered, health_check=FAST, minimum_healthy_percentage=66)
    await running.serving(*registered[1:])
    running.group(*registered, health_check=FAST, minimum_healthy_percentage=67)
    await running.serving(*registered)


async def test_a_target_whose_security_group_drops_requests_is_a_gateway_timeout(
    running: RunningBalancer, three: list[Target]
) -> None:
    alone, *_ = three
    running.group(alone.registered(is_admitted=False, is_check_admitted=False), health_check=FAST)
    await running.until("unhealthy", alone.registered())
    report = running.target_reports()["i-a"]
    assert (report.reason, report.description) == ("Target.Timeout", "Request timed out")
    await running.serving(alone.registered())
    began = asyncio.get_running_loop().time()
    response = await running.request()
    assert (response.status, len(response.body)) == (504, 132)
    assert asyncio.get_running_loop().time() - began > 5
    assert (alone.requests, alone.checks) == ([], [])

    running.group(alone.registered(), health_check=FAST)
    await running.until("healthy", alone.registered())
    await running.answering(200)


async def test_where_only_one_target_is_admitted_no_request_fails(
    running: RunningBalancer, three: list[Target]
) -> None:
    """Health checks pass on another port; requests find out, and go elsewhere."""
    one, two, _ = three
    running.group(one.registered(is_admitted=False), two.registered())
    await running.serving(one.registered(), two.registered())
    found = await asyncio.gather(*(running.request() for _ in range(4)))
    assert {response.body for response in found} == {b"b"}


async def test_a_target_may_have_an_ipv6_address(running: RunningBalancer) -> None:
    try:
        target = await Target(name="six").start("::1")
    except OSError:
        pytest.skip("no IPv6 here")
    running.group(target.registered())
    await running.serving(target.registered())
    assert (await running.request()).body == b"six"
    await target.stop()
