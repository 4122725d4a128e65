"""A control that speaks the agents' protocol and does as a test tells it: ECS calls, ACS and TCS sockets."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import WSMsgType, web

from tidegate.wire.faults import Fault
from tidegate.wire.sigv4 import SignedRequest, authenticate

ACCESS_KEY, SECRET_KEY = "AKIDEXAMPLE", "secret"
CLUSTER = "arn:aws:ecs:us-east-1:000000000000:cluster/default"
INSTANCE = "arn:aws:ecs:us-east-1:000000000000:container-instance/default/0123456789abcdef0123456789abcdef"


def task_arn(number: int) -> str:
    return f"arn:aws:ecs:us-east-1:000000000000:task/default/{number:032x}"


@dataclass
class FakeControl:
    """`calls`: every call of the API, with its parameters. `heard`: what agents said over their sockets.
    `refusals`: answers to give instead, first to last, per operation: a status and an error code."""

    url: str = ""
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    heard: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    refusals: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    socket_refusals: list[dict[str, str]] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)
    telemetry: list[dict[str, Any]] = field(default_factory=list)
    acs: web.WebSocketResponse | None = None
    connections: int = 0
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until(self, condition: Any, seconds: float = 20) -> Any:
        """Wait until `condition()` is true; its value."""
        async with asyncio.timeout(seconds), self._news:
            await self._news.wait_for(lambda: bool(condition()))
        return condition()

    async def send(self, kind: str, **members: Any) -> str:
        """Send a message over ACS; its id."""
        await self.until(lambda: self.acs is not None and not self.acs.closed)
        assert self.acs is not None
        message_id = str(uuid.uuid4())
        message = {
            "messageId": message_id,
            "clusterArn": CLUSTER,
            "containerInstanceArn": INSTANCE,
            **members,
        }
        await self.acs.send_json({"type": kind, "message": message})
        return message_id

    async def order(self, *tasks: Mapping[str, Any]) -> str:
        return await self.send("PayloadMessage", tasks=list(tasks), seqNum=1)

    async def answered(self, kind: str, message_id: str) -> dict[str, Any]:
        """The agent's answer to a message."""

        def found() -> list[dict[str, Any]]:
            return [m for k, m in self.heard if k == kind and m["messageId"] == message_id]

        return (await self.until(found))[0]  # type: ignore[no-any-return]

    def reports(self, arn: str) -> list[dict[str, Any]]:
        return [p for name, p in self.calls if name == "SubmitTaskStateChange" and p["task"] == arn]

    def statuses(self, arn: str) -> list[str]:
        """The statuses that a task was reported with."""
        return [report["status"] for report in self.reports(arn)]

    async def reported(self, arn: str, status: str, seconds: float = 20) -> dict[str, Any]:
        """The first report of a task with that status."""

        def found() -> list[dict[str, Any]]:
            return [report for report in self.reports(arn) if report["status"] == status]

        return (await self.until(found, seconds))[0]  # type: ignore[no-any-return]

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def _call(self, request: web.Request) -> web.Response:
        body = await request.read()
        if (fault := _fault(request, body)) is not None:
            return fault
        operation = request.headers["X-Amz-Target"].rpartition(".")[2]
        if self.refusals.get(operation):
            status, code = self.refusals[operation].pop(0)
            await self._tell()
            return web.json_response({"__type": code, "message": "refused by the test"}, status=status)
        parameters = json.loads(body)
        self.calls.append((operation, parameters))
        await self._tell()
        return web.json_response(self._answer(operation, parameters))

    def _answer(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        if operation == "RegisterContainerInstance":
            attributes = parameters["attributes"]
            return {"containerInstance": {"containerInstanceArn": INSTANCE, "attributes": attributes}}
        if operation == "DiscoverPollEndpoint":
            return {"endpoint": f"{self.url}/acs/", "telemetryEndpoint": f"{self.url}/tcs/"}
        return {"acknowledgment": "ACK"}

    async def _acs(self, request: web.Request) -> web.StreamResponse:
        if (fault := _fault(request, b"")) is not None:
            return fault
        if self.socket_refusals:
            return web.json_response(self.socket_refusals.pop(0), status=400)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.queries.append(dict(request.query))
        self.acs, self.connections = socket, self.connections + 1
        await self._tell()
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                document = frame.json()
                self.heard.append((document["type"], document["message"]))
                await self._tell()
        return socket

    async def _tcs(self, request: web.Request) -> web.StreamResponse:
        if (fault := _fault(request, b"")) is not None:
            return fault
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for frame in socket:
            head, _, body = str(frame.data).rpartition("\r\n\r\n")
            headers = dict(line.split(": ", 1) for line in head.split("\r\n") if line)
            _verify(request, headers, body.encode())
            self.telemetry.append(json.loads(body))
            await socket.send_json({"type": "AckPublishMetric", "message": {"message": "ok"}})
            await self._tell()
        return socket


def _fault(request: web.Request, body: bytes) -> web.Response | None:
    try:
        _verify(request, request.headers, body)
    except Fault as fault:
        return web.json_response({"__type": fault.code, "message": fault.message}, status=fault.status or 400)
    return None


def _verify(request: web.Request, headers: Mapping[str, str], body: bytes) -> None:
    signed = SignedRequest(
        method=request.method,
        path=request.path,
        query=request.rel_url.raw_query_string,
        headers={name.lower(): value for name, value in headers.items()},
        body=body,
    )
    authenticate(signed, {ACCESS_KEY: SECRET_KEY}.get, datetime.now(UTC))


@asynccontextmanager
async def fake_control(control: FakeControl | None = None, port: int = 0) -> AsyncIterator[FakeControl]:
    """Serve on loopback; `port` makes a control that comes back where it was."""
    control = control or FakeControl()
    application = web.Application()
    application.router.add_post("/", control._call)
    application.router.add_get("/acs/ws", control._acs)
    application.router.add_get("/tcs/ws", control._tcs)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port, reuse_address=True)
    await site.start()
    control.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield control
    finally:
        await runner.cleanup()
