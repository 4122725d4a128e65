"""A whole balancer with a real HAProxy, one load balancer and one target group; control is absent."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import stat
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tidegate.balancer.decisions.servers import backend_name, server_name
from tidegate.balancer.haproxy import binary
from tidegate.balancer.haproxy.process import HaproxyProcess
from tidegate.balancer.haproxy.socket import HaproxyGoneError, server_table
from tidegate.balancer.main import Balancer
from tidegate.balancer.settings import BalancerSettings
from tidegate.cli.demo.http import Connection, RequestFailedError, Response
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
    TargetReport,
)
from tidegate.testing.balancing.certificates import self_signed

PREFIX = "arn:aws:elasticloadbalancing:us-east-1:000000000000"
GROUP = f"{PREFIX}:targetgroup/sample/0123456789abcdef"
BACKEND = backend_name(GROUP)
# Others in each run: at the address for names all load balancers of a machine meet.
HTTP_PORT = random.randrange(20_000, 32_000)
HTTPS_PORT = HTTP_PORT + 1
CHECK = HealthCheckDocument(interval_seconds=5, timeout_seconds=2)


async def eventually(holds: Callable[[], bool], seconds: float = 10.0) -> None:
    """Return once it holds; fails when it does not in time."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not holds():
        assert asyncio.get_running_loop().time() < deadline, "not in time"
        await asyncio.sleep(0.02)


class RunningBalancer:
    """`address`: the load balancer's own. HTTP on HTTP_PORT; HTTPS, which offers HTTP/2, on HTTPS_PORT."""

    def __init__(self, balancer: Balancer, address: str, pem: Path) -> None:
        self.balancer = balancer
        self.address = address
        self.pem = pem
        # Greater than that of an earlier balancer in the same folder.
        self._generation = time.monotonic_ns()

    def edge(self, *, groups: tuple[str, ...] = (GROUP,), **fields: Any) -> None:
        """Make these the load balancer's fields; requests go to the first group."""
        self._generation += 1
        action = EdgeAction(type="forward", target_groups=((groups[0], 1),))
        listener = EdgeListener(
            arn=f"{PREFIX}:listener/app/lb/1/2",
            port=HTTP_PORT,
            protocol="HTTP",
            rules=(EdgeRule(arn="r", action=action),),
        )
        balancer = EdgeLoadBalancer(
            arn=f"{PREFIX}:loadbalancer/app/lb/1",
            name="lb",
            # Not below localhost: there all tests of a machine would share a port.
            dns_name="lb.test",
            address=self.address,
            listeners=(listener,),
            **fields,
        )
        self.balancer.take(
            EdgeDocument(generation=self._generation, load_balancers=(balancer,), target_groups=groups)
        )

    def group(self, *targets: GroupTarget, arn: str = GROUP, **fields: Any) -> None:
        """Make these the targets and fields of a group."""
        self._generation += 1
        fields.setdefault("health_check", CHECK)
        self.balancer.take(
            GroupDocument(target_group_arn=arn, generation=self._generation, targets=targets, **fields)
        )

    def target_reports(self, arn: str = GROUP) -> dict[str, TargetReport]:
        """What is reported of a group's targets, by their ids."""
        for report in self.balancer.reports():
            if isinstance(report, GroupReport) and report.target_group_arn == arn:
                return {target.id: target for target in report.targets}
        return {}

    async def until(self, state: str, *targets: GroupTarget, arn: str = GROUP, seconds: float = 10.0) -> None:
        """Return once all these targets are reported in that state."""

        def holds() -> bool:
            reports = self.target_reports(arn)
            return all(one.id in reports and reports[one.id].state == state for one in targets)

        await eventually(holds, seconds)

    async def serving(self, *targets: GroupTarget, backend: str = BACKEND, seconds: float = 10.0) -> None:
        """Return once HAProxy sends requests to exactly these targets of a backend."""
        names = {server_name(one.id, one.port) for one in targets}
        deadline = asyncio.get_running_loop().time() + seconds
        while await self.open_servers(backend) != names:
            assert asyncio.get_running_loop().time() < deadline, await self.open_servers(backend)
            await asyncio.sleep(0.02)

    async def open_servers(self, backend: str = BACKEND) -> set[str]:
        """The servers that HAProxy sends requests to."""
        with contextlib.suppress(HaproxyGoneError):
            rows = await server_table(self.process.stats_socket, backend)
            return {row["svname"] for row in rows if row["status"] in ("UP", "no check")}
        return set()

    @property
    def process(self) -> HaproxyProcess:
        return self.balancer.haproxy

    async def request(
        self,
        method: str = "GET",
        path: str = "/",
        *,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
        timeout_seconds: float = 20.0,
    ) -> Response:
        """One request on a connection of its own. Raises RequestFailedError."""
        connection = await Connection.open(self.address, HTTP_PORT, 5)
        try:
            return await connection.request(
                method, path, host="lb", headers=headers, body=body, timeout_seconds=timeout_seconds
            )
        finally:
            connection.close()

    async def answering(self, status: int = 200, seconds: float = 10.0) -> None:
        """Return once GET / is answered with that status."""
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            try:
                if (await self.request()).status == status:
                    return
            except RequestFailedError:
                pass
            assert asyncio.get_running_loop().time() < deadline, "not in time"
            await asyncio.sleep(0.02)


@asynccontextmanager
async def running_balancer(
    folder: Path, *, address: str = "", **fields: Any
) -> AsyncIterator[RunningBalancer]:
    """Start it with these fields of its load balancer; ends it and its HAProxy. `folder`: empty, or of an
    earlier one at that address."""
    address = address or f"127.{random.randrange(64, 255)}.{random.randrange(256)}.{random.randrange(1, 255)}"
    pem = self_signed(folder / "listener.pem", "lb.test")
    settings = BalancerSettings(
        data_dir=folder / "balancer",
        endpoint="http://127.0.0.1:9",
        region="us-east-1",
        access_key="a",
        secret_key="b",
    )
    balancer = Balancer(settings, _with_https(folder, address, pem))
    running = RunningBalancer(balancer, address, pem)
    job = asyncio.create_task(balancer.run())
    await asyncio.sleep(0)
    running.edge(**fields)
    try:
        yield running
    finally:
        os.kill(os.getpid(), signal.SIGTERM)
        await job


def _with_https(folder: Path, address: str, pem: Path) -> Path:
    """HAProxy with one more frontend than the balancer's file has: HTTPS in front of the group."""
    more, script = folder / "https.cfg", folder / "haproxy"
    more.write_text(
        f"frontend https from alb\n  bind {address}:{HTTPS_PORT} ssl crt {pem} alpn h2,http/1.1\n"
        f"  use_backend %[str({BACKEND})]\n"
    )
    script.write_text(f'#!/bin/sh\nexec {binary.find()} "$@" -f {more}\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return script
