"""A whole balancer with a real HAProxy and small real targets; control is absent throughout."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tidegate.balancer.haproxy import binary
from tidegate.balancer.main import Balancer
from tidegate.balancer.settings import BalancerSettings
from tidegate.cli.demo.http import Connection, RequestFailedError
from tidegate.cli.demo.load import Kind, LoadGenerator
from tidegate.fleet.balancing import (
    EdgeAction,
    EdgeDocument,
    EdgeListener,
    EdgeLoadBalancer,
    EdgeRule,
    GroupDocument,
    GroupReport,
    GroupTarget,
    HealthCheckDocument,
)
from tidegate.testing.balancing.running import HTTP_PORT, eventually

pytestmark = pytest.mark.timeout(60)

ARN = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/sample/0123456789abcdef"
LISTENER = "arn:aws:elasticloadbalancing:us-east-1:000000000000:listener/app/lb/1/2"


class Target(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = f"{self.server.server_address[1]}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silence."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """A health check closes as soon as it knows enough."""


@pytest.fixture
def servers() -> Iterator[list[Server]]:
    running = [Server(("127.0.0.1", 0), Target) for _ in range(2)]
    for server in running:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield running
    for server in running:
        server.shutdown()
        server.server_close()


class Running:
    """A balancer with one listener, and what a test does to it."""

    balancer: Balancer

    def __init__(self, folder: Path, address: str) -> None:
        self.address = address
        self.generation = 1
        self._settings = BalancerSettings(
            data_dir=folder, endpoint="http://127.0.0.1:9", region="us-east-1", access_key="a", secret_key="b"
        )

    async def start(self) -> None:
        """A new balancer, which knows what is on disk."""
        self.balancer = Balancer(self._settings, binary.find())
        self._job = asyncio.create_task(self.balancer.run())
        # It loads its documents before it first waits.
        await asyncio.sleep(0)

    async def stop(self) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        await self._job

    def targets(self, *targets: GroupTarget, algorithm: str = "round_robin") -> None:
        self.generation += 1
        self.balancer.take(
            GroupDocument(
                target_group_arn=ARN,
                generation=self.generation,
                algorithm=algorithm,
                health_check=HealthCheckDocument(interval_seconds=5, timeout_seconds=2),
                targets=targets,
            )
        )

    def is_drained(self, target: GroupTarget) -> bool:
        """Whether the balancer reports so."""
        _, group = self.balancer.reports()
        assert isinstance(group, GroupReport)
        return any(one.is_drained for one in group.targets if one.port == target.port)

    async def get(self) -> tuple[int, bytes]:
        connection = await Connection.open(self.address, HTTP_PORT, 5)
        try:
            response = await connection.request("GET", "/", host="lb", timeout_seconds=10)
        finally:
            connection.close()
        return response.status, response.body

    async def until(
        self, holds: Callable[[tuple[int, bytes]], bool], seconds: float = 10
    ) -> tuple[int, bytes]:
        deadline = time.monotonic() + seconds
        while True:
            try:
                answer = await self.get()
                if holds(answer):
                    return answer
            except RequestFailedError:
                pass
            assert time.monotonic() < deadline, "not in time"
            await asyncio.sleep(0.02)


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    address = f"127.{random.randrange(64, 255)}.{random.randrange(256)}.{random.randrange(1, 255)}"
    listener = EdgeListener(
        arn=LISTENER,
        port=HTTP_PORT,
        protocol="HTTP",
        rules=(EdgeRule(arn="r", action=EdgeAction(type="forward", target_groups=((ARN, 1),))),),
    )
    edge = EdgeLoadBalancer(arn="lb", name="lb", dns_name="lb.test", address=address, listeners=(listener,))
    started = Running(tmp_path, address)
    await started.start()
    started.balancer.take(EdgeDocument(generation=1, load_balancers=(edge,), target_groups=(ARN,)))
    yield started
    await started.stop()


def active(server: Server) -> GroupTarget:
    return GroupTarget(id="i-1", port=server.server_address[1], address="127.0.0.1")


def answered_by(target: GroupTarget) -> Callable[[tuple[int, bytes]], bool]:
    return lambda answer: answer[1] == str(target.port).encode()


async def test_without_a_target_it_answers_503_as_aws_does(running: Running) -> None:
    status, body = await running.until(lambda answer: answer[0] == 503)
    assert (status, len(body)) == (503, 162)


async def test_targets_come_and_go_under_load_without_a_failed_request(
    running: Running, servers: list[Server]
) -> None:
    first, second = active(servers[0]), active(servers[1])
    running.targets(first)
    await running.until(lambda answer: answer[0] == 200)
    kinds = [Kind(name="kept"), Kind(name="new", keep_alive=False)]
    load = LoadGenerator(running.address, HTTP_PORT, host="lb", rate=200, kinds=kinds)
    load.start()
    for _ in range(3):
        running.targets(first, second)
        await running.until(answered_by(second))
        running.targets(replace(first, status="draining", drain_deadline=time.time() + 0.5), second)
        await eventually(partial(running.is_drained, first))
        running.targets(second)
        # Not a wait: the load goes on with one target.
        await asyncio.sleep(0.3)
        first, second = second, first
    tally = await asyncio.to_thread(load.stop)
    assert tally.failures == []
    assert tally.completed > 500


async def test_a_dead_target_costs_no_get(running: Running, servers: list[Server]) -> None:
    running.targets(active(servers[0]), active(servers[1]))
    await running.until(lambda answer: answer[1] == str(servers[1].server_address[1]).encode())
    await running.until(lambda answer: answer[1] == str(servers[0].server_address[1]).encode())
    load = LoadGenerator(
        running.address, HTTP_PORT, host="lb", rate=200, kinds=[Kind(name="GET", keep_alive=False)]
    )
    load.start()
    # Not waits: load before the death, and load after it.
    await asyncio.sleep(0.3)
    await asyncio.to_thread(servers[0].shutdown)
    servers[0].server_close()
    await asyncio.sleep(1.5)
    tally = await asyncio.to_thread(load.stop)
    assert tally.failures == []


async def test_haproxy_killed_is_back_within_a_second(running: Running, servers: list[Server]) -> None:
    running.targets(active(servers[0]))
    await running.until(lambda answer: answer[0] == 200)
    pid = running.balancer.haproxy.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await eventually(lambda: running.balancer.haproxy.pid != pid, 1.0)
    await running.until(lambda answer: answer[0] == 200, seconds=1.5)


async def test_a_restart_serves_from_the_documents_on_disk(running: Running, servers: list[Server]) -> None:
    target = active(servers[0])
    running.targets(target)
    await running.until(answered_by(target))
    before = running.balancer
    await running.stop()
    with pytest.raises(RequestFailedError):
        await running.get()
    await running.start()
    assert running.balancer is not before
    await running.until(answered_by(target))


async def test_a_drained_target_is_reported_so_when_its_deadline_has_passed(
    running: Running, servers: list[Server]
) -> None:
    running.targets(active(servers[0]))
    await running.until(lambda answer: answer[0] == 200)
    target = active(servers[0])
    deadline = time.time() + 0.3
    running.targets(
        GroupTarget(
            id="i-1", port=target.port, address="127.0.0.1", status="draining", drain_deadline=deadline
        )
    )
    assert not running.is_drained(target)
    await eventually(lambda: running.is_drained(target))
    assert time.time() >= deadline


async def test_another_algorithm_is_in_force_without_a_failed_request(
    running: Running, servers: list[Server]
) -> None:
    running.targets(active(servers[0]))
    await running.until(lambda answer: answer[0] == 200)
    load = LoadGenerator(running.address, HTTP_PORT, host="lb", rate=200, kinds=[Kind(name="kept")])
    load.start()
    running.targets(active(servers[0]), algorithm="least_outstanding_requests")
    configuration = running.balancer.haproxy.configuration
    await eventually(lambda: "balance leastconn" in configuration.read_text())
    # Not a wait: the load goes on over the reload.
    await asyncio.sleep(0.5)
    tally = await asyncio.to_thread(load.stop)
    assert tally.failures == []
