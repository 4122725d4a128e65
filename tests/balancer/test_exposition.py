"""`/metrics`, read as Prometheus reads it."""

from __future__ import annotations

import socket
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.balancer.lab import Lab, forward, listener, running
from tests.balancer.test_traffic import Control
from tests.balancer.traffic.world import BALANCER, GROUP, ZONES

from tidegate.fleet.exposition import URL_FILE

pytestmark = pytest.mark.timeout(60)

Found = dict[tuple[str, frozenset[tuple[str, str]]], float]


async def url_of(lab: Lab) -> str:
    file = lab.settings.data_dir / URL_FILE
    await lab.until(file.exists)
    return file.read_text()


async def scraped(lab: Lab) -> Found:
    async with httpx.AsyncClient() as client:
        answer = await client.get(await url_of(lab))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def of(found: Found, name: str, **labels: str) -> float:
    return sum(
        value for (known, pairs), value in found.items() if known == name and labels.items() <= set(pairs)
    )


async def test_traffic_and_targets_are_told_by_load_balancer_zone_and_group(lab: Lab) -> None:
    control = Control(lab)
    await lab.edge(listener(default=forward("blue")), zones=ZONES)
    for _ in range(5):
        await lab.ask("/")
    await control.total("RequestCount")
    found = await scraped(lab)
    here = {"load_balancer": BALANCER, "target_group": GROUP}
    assert of(found, "tidegate_requests_total", **here) == 5
    assert of(found, "tidegate_requests_total", **here, zone=ZONES[0]) in (2, 3)
    assert of(found, "tidegate_target_responses_total", **here, code="2xx") == 5
    assert of(found, "tidegate_target_response_seconds_count", **here) == 5
    assert of(found, "tidegate_target_response_seconds_bucket", **here, le="+Inf") == 5
    assert of(found, "tidegate_connections_total", load_balancer=BALANCER) == 5
    assert of(found, "tidegate_targets", **here, state="healthy") == 1


async def test_the_balancers_own_state_is_told(lab: Lab) -> None:
    await lab.edge(listener(default=forward("blue")), zones=ZONES)
    found = await scraped(lab)
    assert of(found, "tidegate_edge_generation") == lab.generation
    assert of(found, "tidegate_haproxy_reloads_total") == lab.balancer.haproxy.reloads > 0
    assert of(found, "tidegate_haproxy_starts_total") == 1
    assert of(found, "tidegate_log_lines_dropped_total") == 0
    assert of(found, "process_resident_memory_bytes") > 0


async def test_a_restart_keeps_the_address(tmp_path: Path) -> None:
    async with running(tmp_path) as lab:
        first = await url_of(lab)
    async with running(tmp_path) as lab:
        await lab.until(lambda: lab.balancer.haproxy.is_running)
        assert await url_of(lab) == first
        await scraped(lab)


async def test_an_address_that_was_chosen_is_used_and_one_that_is_taken_stops_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        async with running(tmp_path, metrics_listen=taken) as lab:
            await lab.edge(listener(default=forward("blue")))
            assert (await lab.ask("/")).status == 200
            assert not (tmp_path / URL_FILE).exists()
    async with running(tmp_path, metrics_listen=taken) as lab:
        assert await url_of(lab) == f"http://{taken}/metrics"
