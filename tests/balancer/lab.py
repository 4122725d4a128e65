"""A balancer with a real HAProxy, targets that record what reaches them, and a client that sends bytes.

`lab` is a fixture; a test says what the load balancer is (`await lab.edge(...)`), asks, and looks at the
answer and at `lab.seen`. Every target group has one target, which answers with the group's name.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tidegate.balancer.haproxy import binary
from tidegate.balancer.main import Balancer
from tidegate.balancer.settings import BalancerSettings
from tidegate.fleet.balancing import (
    EdgeAction,
    EdgeCondition,
    EdgeDocument,
    EdgeListener,
    EdgeLoadBalancer,
    EdgeRule,
    GroupDocument,
    GroupTarget,
    HealthCheckDocument,
)

PREFIX = "arn:aws:elasticloadbalancing:us-east-1:000000000000"
# Another one in each run: at the address for names all load balancers of a machine meet.
PORT = random.randrange(20_000, 32_000)
Headers = Sequence[tuple[str, str]]


def group_arn(name: str) -> str:
    return f"{PREFIX}:targetgroup/{name}/{name}{'0' * 8}"


def forward(*names: str, weights: Sequence[int] = (), stickiness_seconds: int | None = None) -> EdgeAction:
    """To one group, or to several by weights."""
    pairs = zip(map(group_arn, names), weights or [1] * len(names), strict=True)
    return EdgeAction(type="forward", target_groups=tuple(pairs), stickiness_seconds=stickiness_seconds)


def fixed(status: str = "200", body: str = "", content_type: str = "text/plain") -> EdgeAction:
    return EdgeAction(type="fixed-response", fixed=(status, content_type, body))


def redirect(
    code: str = "HTTP_301",
    protocol: str = "#{protocol}",
    host: str = "#{host}",
    port: str = "#{port}",
    path: str = "/#{path}",
    query: str = "#{query}",
) -> EdgeAction:
    return EdgeAction(type="redirect", redirect=(code, protocol, host, port, path, query))


def rule(priority: int, action: EdgeAction, *conditions: EdgeCondition, **more: Any) -> EdgeRule:
    arn = f"{PREFIX}:listener-rule/app/lab/1/2/rule{priority}"
    return EdgeRule(arn=arn, priority=priority, conditions=conditions, action=action, **more)


def values(condition_field: str, *patterns: str, **more: Any) -> EdgeCondition:
    return EdgeCondition(field=condition_field, values=patterns, **more)


def listener(*rules: EdgeRule, default: EdgeAction, port: int = PORT, **more: Any) -> EdgeListener:
    arn = f"{PREFIX}:listener/app/lab/1/{port:016d}"
    last = EdgeRule(arn=arn, action=default)
    return EdgeListener(**{"arn": arn, "port": port, "protocol": "HTTP", "rules": (*rules, last), **more})


@dataclass(frozen=True, slots=True)
class Request:
    """What a target got."""

    line: str
    headers: Headers
    body: bytes = b""

    def values(self, name: str) -> list[str]:
        return [value for known, value in self.headers if known.lower() == name.lower()]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client got; status 0 when the connection ended with no answer."""

    status: int
    reason: str = ""
    headers: Headers = ()
    body: bytes = b""

    def values(self, name: str) -> list[str]:
        return [value for known, value in self.headers if known.lower() == name.lower()]

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Target:
    """Answers every request but health checks with its name, and `headers`, after `delay` seconds."""

    name: str
    record: Callable[[Request], None]
    headers: Headers = ()
    port: int = 0
    delay: float = 0.0

    async def start(self) -> None:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _read_request(reader)) is not None:
                if not any(value.startswith("ELB-HealthChecker") for value in request.values("user-agent")):
                    self.record(request)
                    await asyncio.sleep(self.delay)
                body = self.name.encode()
                lines = [
                    f"Content-Length: {len(body)}",
                    *(f"{name}: {value}" for name, value in self.headers),
                ]
                head = "\r\n".join(["HTTP/1.1 200 OK", *lines])
                writer.write(head.encode() + b"\r\n\r\n" + (b"" if request.line.startswith("HEAD") else body))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@dataclass
class Kept:
    """A client's connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, request: bytes) -> Answer:
        self.writer.write(request)
        async with asyncio.timeout(10):
            return await _read_answer(self.reader, "GET")


@dataclass
class Lab:
    balancer: Balancer
    job: asyncio.Task[None]
    settings: BalancerSettings
    address: str
    seen: list[Request] = field(default_factory=list)
    targets: dict[str, Target] = field(default_factory=dict)
    generation: int = 0

    async def edge(
        self, *listeners: EdgeListener, document: Mapping[str, Any] | None = None, **attributes: Any
    ) -> None:
        """One load balancer with these listeners, in force on return."""
        await self.edges(
            EdgeLoadBalancer(
                **{
                    "arn": f"{PREFIX}:loadbalancer/app/lab/1",
                    "name": "lab",
                    # Not below localhost: there all tests of a machine would share a port.
                    "dns_name": "lab-1.us-east-1.elb.test",
                    "address": self.address,
                    "listeners": listeners,
                    **attributes,
                }
            ),
            **(document or {}),
        )

    async def edges(self, *balancers: EdgeLoadBalancer, without: str = "", **document: Any) -> None:
        """`without`: a target group that is used, and is gone."""
        listeners = [listener for balancer in balancers for listener in balancer.listeners]
        arns = sorted({arn for one in listeners for arn in one.target_groups} - {without})
        for arn in arns:
            await self._have_group(arn)
        self.generation += 1
        self.balancer.take(
            EdgeDocument(
                generation=self.generation,
                load_balancers=balancers,
                target_groups=tuple(arns),
                **document,
            )
        )
        await self.until(lambda: self.balancer.reports()[0].generation == self.generation)

    async def ask(
        self,
        target: str = "/",
        *,
        method: str = "GET",
        headers: Headers | Mapping[str, str] = (),
        host: str | None = "lab",
        body: bytes = b"",
        version: str = "HTTP/1.1",
        port: int = PORT,
        address: str | None = None,
    ) -> Answer:
        """One request on a connection of its own. `host` None: without a Host header."""
        pairs = list(headers.items() if isinstance(headers, Mapping) else headers)
        lines = [] if host is None else [f"Host: {host}"]
        lines += [f"{name}: {value}" for name, value in pairs]
        lines += [f"Content-Length: {len(body)}"] if body else []
        head = "\r\n".join([f"{method} {target} {version}", *lines])
        request = head.encode("latin-1") + b"\r\n\r\n" + body
        [answer] = await self.send(request, port=port, address=address, method=method)
        return answer

    async def send(
        self,
        *portions: bytes,
        port: int = PORT,
        address: str | None = None,
        local: tuple[str, int] | None = None,
        method: str = "GET",
        count: int = 1,
    ) -> list[Answer]:
        """Bytes on a connection of their own; as many answers as wanted, or as come."""
        reader, writer = await asyncio.open_connection(address or self.address, port, local_addr=local)
        try:
            answers = []
            for portion in portions:
                writer.write(portion)
            for _ in range(count):
                async with asyncio.timeout(10):
                    answers.append(await _read_answer(reader, method))
            return answers
        finally:
            writer.close()

    @asynccontextmanager
    async def connection(self, port: int = PORT, address: str | None = None) -> AsyncIterator[Kept]:
        """One that a test keeps."""
        reader, writer = await asyncio.open_connection(address or self.address, port)
        yield Kept(reader, writer)
        writer.close()

    def port_of(self, port: int) -> int:
        """Where a listener's port is bound."""
        own = self.balancer._edge.bindings.own
        [binding] = [one for one in own if one.listener_arn.endswith(f"{port:016d}")]
        assert binding.error is None, binding.error
        return binding.port

    async def until(self, holds: Callable[[], bool], seconds: float = 10) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            if self.job.done():
                self.job.result()
            assert time.monotonic() < deadline, "not in time"
            await asyncio.sleep(0.005)

    async def worker(self) -> int:
        """The pid of HAProxy's worker: a reload makes a new one."""
        return await self.balancer.haproxy.worker()

    async def until_text(self, part: str) -> None:
        """Return when HAProxy's file, in force, says this."""
        configuration = self.balancer._process.configuration
        await self.until(lambda: part in configuration.read_text() and not self.balancer._edge.has_work)
        async with self.balancer._targets.lock:
            """A reload ends before this."""

    async def pause(self, seconds: float) -> None:
        """For what a clock of HAProxy's decides."""
        await asyncio.sleep(seconds)

    def group(self, name: str, *, zone: str | None = None, has_target: bool = True, **fields: Any) -> None:
        """Another document for a group whose target runs."""
        self.generation += 1
        target = GroupTarget(id="i-1", port=self.targets[name].port, address="127.0.0.1", zone=zone)
        self.balancer.take(
            GroupDocument(
                target_group_arn=group_arn(name),
                generation=self.generation,
                health_check=HealthCheckDocument(interval_seconds=5, timeout_seconds=2),
                targets=(target,) if has_target else (),
                **fields,
            )
        )

    async def _have_group(self, arn: str) -> None:
        name = arn.split("/")[1]
        if name not in self.targets:
            target = self.targets[name] = Target(name, self.seen.append)
            await target.start()
            self.group(name)


@asynccontextmanager
async def running(folder: Path, **more: Any) -> AsyncIterator[Lab]:
    """`more`: the balancer's settings."""
    settings = BalancerSettings(
        data_dir=folder,
        endpoint="http://127.0.0.1:9",
        region="us-east-1",
        access_key="a",
        secret_key="b",
        buckets=folder / "s3",
        **{"log_interval_seconds": 1, **more},
    )
    balancer = Balancer(settings, binary.find())
    address = f"127.{random.randrange(64, 255)}.{random.randrange(256)}.{random.randrange(1, 255)}"
    job = asyncio.create_task(balancer.run())
    await asyncio.sleep(0)
    lab = Lab(balancer, job, settings, address)
    try:
        await lab.until(lambda: balancer.haproxy.is_running)
        yield lab
    finally:
        os.kill(os.getpid(), signal.SIGTERM)
        await job


async def _read_head(reader: asyncio.StreamReader) -> tuple[str, list[tuple[str, str]]] | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    pairs = [line.partition(":") for line in lines]
    return first, [(name, value.strip()) for name, _, value in pairs]


def _length(headers: Iterable[tuple[str, str]]) -> int | None:
    """None: chunked."""
    known = {name.lower(): value for name, value in headers}
    return None if "transfer-encoding" in known else int(known.get("content-length", 0))


async def _read_body(reader: asyncio.StreamReader, headers: Iterable[tuple[str, str]]) -> bytes:
    length = _length(headers)
    if length is not None:
        return await reader.readexactly(length)
    body = b""
    while size := int((await reader.readline()).split(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readline()
    while await reader.readline() != b"\r\n":
        """Trailers."""
    return body


async def _read_request(reader: asyncio.StreamReader) -> Request | None:
    head = await _read_head(reader)
    if head is None:
        return None
    return Request(*head, await _read_body(reader, head[1]))


async def _read_answer(reader: asyncio.StreamReader, method: str) -> Answer:
    head = await _read_head(reader)
    if head is None:
        return Answer(0)
    _, status, *reason = head[0].split(" ", 2)
    body = b"" if method == "HEAD" or status in ("204", "304") else await _read_body(reader, head[1])
    return Answer(int(status), " ".join(reason), head[1], body)


__all__ = [
    "Answer",
    "Lab",
    "Request",
    "fixed",
    "forward",
    "group_arn",
    "listener",
    "redirect",
    "replace",
    "rule",
    "running",
    "values",
]
