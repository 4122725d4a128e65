"""One check over HTTP/2: the response's status, or the status of the gRPC call."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import cast

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.exceptions import ProtocolError

from tidegate.balancer.decisions.checks import GRPC_EMPTY_MESSAGE, Question, http2_headers

_STREAM = 1
# The first frame of each side is its settings.
_TYPE_AT, _SETTINGS = 3, 4


class Http2Exchange(asyncio.Protocol):
    """`answer` is the status, or None when what came is no answer."""

    def __init__(self, asked: Question, answer: asyncio.Future[int | None]) -> None:
        self._asked = asked
        self._answer = answer
        self._connection = H2Connection(H2Configuration(client_side=True, header_encoding="latin-1"))
        # The target may send its settings before we ask.
        self._connection.initiate_connection()
        self._heard = 0
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def ask(self) -> None:
        """Send the request."""
        is_call = self._asked.version == "GRPC"
        self._connection.send_headers(_STREAM, http2_headers(self._asked), end_stream=not is_call)
        if is_call:
            self._connection.send_data(_STREAM, GRPC_EMPTY_MESSAGE, end_stream=True)
        self._flush()

    def data_received(self, data: bytes) -> None:
        self._heard += len(data)
        if self._heard == len(data) > _TYPE_AT and data[_TYPE_AT] != _SETTINGS:
            # Another protocol: read as HTTP/2, "HTTP" is the beginning of a frame of 4 MB to wait for.
            self._resolve(None)
            return
        try:
            events = self._connection.receive_data(data)
        except ProtocolError:
            self._resolve(None)
            return
        for event in events:
            self._take(event)
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - either way nothing more comes
        self._resolve(None)

    def abort(self) -> None:
        """Drop the connection, whatever is under way."""
        if self.transport is not None:
            self.transport.abort()

    def finish(self) -> None:
        """Close the connection in order."""
        if self.transport is not None and not self.transport.is_closing():
            self._connection.close_connection()
            self._flush()
            self.transport.close()

    def _flush(self) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(self._connection.data_to_send())

    def _take(self, event: Event) -> None:
        if isinstance(event, DataReceived):
            self._connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, ResponseReceived) and self._asked.version != "GRPC":
            self._resolve(_number(event.headers, ":status"))
        elif isinstance(event, ResponseReceived | TrailersReceived):
            # A call that fails before it answers has its status in the headers: they are its trailers.
            status = _number(event.headers, "grpc-status")
            if status is not None:
                self._resolve(status)
        elif isinstance(event, StreamEnded | StreamReset | ConnectionTerminated):
            self._resolve(None)

    def _resolve(self, status: int | None) -> None:
        if not self._answer.done():
            self._answer.set_result(status)


def _number(headers: Iterable[tuple[str | bytes, str | bytes]], name: str) -> int | None:
    for key, value in headers:
        if key == name and isinstance(value, str) and value.isdigit():
            return int(value)
    return None
