"""A target that speaks HTTP/2 only, with prior knowledge or over TLS, and records what reaches it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded
from h2.exceptions import ProtocolError

from tidegate.balancer.decisions.checks import USER_AGENT
from tidegate.fleet.balancing import GroupTarget

Headers = list[tuple[str, str]]


@dataclass(slots=True)
class Http2Request:
    headers: dict[str, str]
    body: bytes = b""


@dataclass(slots=True)
class Http2Answer:
    """`trailers` end the answer when there are any."""

    headers: Headers = field(default_factory=lambda: [(":status", "200")])
    body: bytes = b""
    trailers: Headers = field(default_factory=list)


class Http2Target:
    """`answer` is called with each whole request; health checks are answered with `check_answer`. `faults`:
    what HTTP/2 does not allow, in words; it ends the connection."""

    def __init__(self, answer: Callable[[Http2Request], Http2Answer] | None = None, name: str = "h2") -> None:
        self.name = name
        self.answer = answer or (lambda _: Http2Answer(body=name.encode()))
        self.check_answer = Http2Answer()
        self.requests: list[Http2Request] = []
        self.checks: list[Http2Request] = []
        self.faults: list[str] = []
        self.port = 0
        self.address = ""
        self._server: asyncio.Server | None = None

    async def start(self, address: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> Http2Target:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), address, 0, ssl=tls)
        self.address, self.port = self._server.sockets[0].getsockname()[:2]
        return self

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    def registered(self) -> GroupTarget:
        """This target as its group's document lists it."""
        return GroupTarget(id=f"i-{self.name}", port=self.port, address=self.address)

    def record(self, request: Http2Request) -> Http2Answer:
        if request.headers.get("user-agent") == USER_AGENT:
            self.checks.append(request)
            return self.check_answer
        self.requests.append(request)
        return self.answer(request)


class _Connection(asyncio.Protocol):
    def __init__(self, target: Http2Target) -> None:
        self._target = target
        self._h2 = H2Connection(H2Configuration(client_side=False, header_encoding="latin-1"))
        self._streams: dict[int, Http2Request] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._h2.initiate_connection()
        transport.write(self._h2.data_to_send())

    def data_received(self, data: bytes) -> None:
        try:
            events = self._h2.receive_data(data)
        except ProtocolError as error:
            self._target.faults.append(str(error))
            self._transport.close()
            return
        for event in events:
            if isinstance(event, RequestReceived):
                headers = {str(name): str(value) for name, value in event.headers}
                self._streams[event.stream_id] = Http2Request(headers)
            elif isinstance(event, DataReceived):
                self._streams[event.stream_id].body += event.data
                self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, StreamEnded):
                self._answer(event.stream_id, self._target.record(self._streams.pop(event.stream_id)))
        self._transport.write(self._h2.data_to_send())

    def _answer(self, stream: int, answer: Http2Answer) -> None:
        is_over = not answer.body and not answer.trailers
        self._h2.send_headers(stream, answer.headers, end_stream=is_over)
        if answer.body:
            self._h2.send_data(stream, answer.body, end_stream=not answer.trailers)
        if answer.trailers:
            self._h2.send_headers(stream, answer.trailers, end_stream=True)
