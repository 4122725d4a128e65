"""What `tidegate status` says of listeners: what the balancer has bound, and nothing guessed."""

from __future__ import annotations

import asyncio
import json
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tidegate.cli import processes
from tidegate.cli.overview import Overview, add_listener, add_part
from tidegate.cli.readiness import MeteredPart, scrape_targets, waits_for
from tidegate.fleet.exposition import URL_FILE, Exposition

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


_JUST_NOW = processes.ProcessId(os.getpid(), processes.start_time(os.getpid()) or 0)
_LONG_AGO = processes.ProcessId(os.getpid(), 0)


@pytest.mark.parametrize(
    ("missing", "state"),
    [
        ((), "ready"),
        (("a session with control", "HAProxy"), "waits for a session with control, HAProxy"),
        (None, "does not answer"),
    ],
)
def test_a_process_says_where_its_metrics_are_and_is_a_problem_if_it_stays_unready(
    missing: tuple[str, ...] | None, state: str
) -> None:
    url, folder = "http://127.0.0.1:9/metrics", Path("/data")
    shown = Overview()
    add_part(shown, MeteredPart("agent-i-1", _LONG_AGO, url), missing, folder)
    assert shown.lines == [f"metrics    {url}  agent-i-1, {state}"]
    expected = [] if state == "ready" else [f"agent-i-1 {state}: its log is /data/logs/agent-i-1.log"]
    assert shown.problems == expected


def test_a_process_that_was_just_started_may_wait() -> None:
    shown = Overview()
    process = replace(_JUST_NOW, started=round(time.clock_gettime(time.CLOCK_BOOTTIME)) * 100)
    add_part(
        shown, MeteredPart("control", process, "http://127.0.0.1:9/metrics"), ("something",), Path("/data")
    )
    assert shown.problems == []


def test_scrape_targets_are_the_processes_that_run_here(tmp_path: Path) -> None:
    for name, folder in (("control", "control"), ("agent-i-1", "instances/i-1"), ("balancer", "balancer")):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "metrics.url").write_text(f"http://127.0.0.1:{len(name)}/metrics")
        if name != "balancer":
            processes.write(tmp_path, name, os.getpid())
    assert json.loads(scrape_targets(tmp_path)) == [
        {"targets": ["127.0.0.1:7"], "labels": {"process": "control"}},
        {"targets": ["127.0.0.1:9"], "labels": {"process": "agent-i-1"}},
    ]


async def test_readiness_is_asked_of_the_process_itself(tmp_path: Path) -> None:
    missing: list[str] = ["HAProxy"]
    exposition = Exposition(tmp_path, None, lambda: b"", lambda: missing)
    job = asyncio.create_task(exposition.run())
    while not (tmp_path / URL_FILE).exists():  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    part = MeteredPart("balancer", _JUST_NOW, (tmp_path / URL_FILE).read_text())
    assert await asyncio.to_thread(waits_for, part) == ["HAProxy"]
    missing.clear()
    assert await asyncio.to_thread(waits_for, part) == []
    job.cancel()
    await asyncio.gather(job, return_exceptions=True)
    assert await asyncio.to_thread(waits_for, part) is None
