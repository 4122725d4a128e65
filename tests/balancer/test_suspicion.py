"""What a balancer does about targets that fail requests, through a real HAProxy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tidegate.balancer.haproxy.socket import server_table
from tidegate.testing.balancing.running import BACKEND, RunningBalancer, eventually, running_balancer
from tidegate.testing.balancing.targets import Target, answering

pytestmark = pytest.mark.timeout(60)


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


async def ask(running: RunningBalancer) -> None:
    while True:
        await running.request()
        await asyncio.sleep(0.01)


async def weights(running: RunningBalancer) -> dict[str, int]:
    rows = await server_table(running.process.stats_socket, BACKEND)
    return {row["svname"].partition("_")[0]: int(row["weight"]) for row in rows}


@pytest.mark.parametrize(
    ("fields", "is_mitigated"),
    [({"algorithm": "weighted_random", "mitigates_anomalies": True}, True), ({}, False)],
)
@pytest.mark.proves("target-group-attribute:load_balancing.algorithm.anomaly_mitigation")
async def test_a_target_that_fails_more_than_its_peers_is_found_and_mitigated(
    running: RunningBalancer, three: list[Target], fields: dict[str, Any], is_mitigated: bool
) -> None:
    bad, *_ = three
    registered = [target.registered() for target in three]
    running.group(*registered, **fields)
    await running.serving(*registered)
    full = (await weights(running))["i-a"]
    asking = asyncio.create_task(ask(running))
    bad.handler = answering("no", status=500)
    await eventually(lambda: running.target_reports()["i-a"].is_anomalous, 20)
    reports = running.target_reports()
    assert [one.is_anomalous for one in reports.values()] == [True, False, False]
    assert [one.is_mitigated for one in reports.values()] == [is_mitigated, False, False]
    # Its health has no part in it.
    assert reports["i-a"].state == "healthy"
    await asyncio.sleep(0.2)
    assert (await weights(running))["i-a"] == (full // 2 if is_mitigated else full)

    bad.handler = answering("a")
    await eventually(lambda: not running.target_reports()["i-a"].is_anomalous, 20)
    await eventually(lambda: not running.target_reports()["i-a"].is_mitigated, 20)
    await asyncio.sleep(0.2)
    assert (await weights(running))["i-a"] == full
    asking.cancel()
