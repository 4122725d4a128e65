"""A strict client of HTTP/2: one request at a time on a connection, which a server may end between two."""

from __future__ import annotations

import asyncio

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions

from tidegate.cli.demo.http import RequestFailedError, Response

_HEAD_BYTES, _GOAWAY = 9, 7


class Http2Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._h2 = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        self._answer: asyncio.Future[Response] | None = None
        self._response = Response()
        self._stream = 0
        self._unsent = memoryview(b"")
        self._received = bytearray()
        self.is_open = False

    async def request(
        self, method: str, path: str, *, host: str, body: bytes = b"", timeout_seconds: float
    ) -> Response:
        """Raises RequestFailedError."""
        self._answer = asyncio.get_running_loop().create_future()
        self._response, self._unsent = Response(), memoryview(body)
        headers = [(":method", method), (":scheme", "https"), (":authority", host), (":path", path)]
        headers += [("content-length", str(len(body)))] if body else []
        try:
            self._stream = self._h2.get_next_available_stream_id()
            self._h2.send_headers(self._stream, headers, end_stream=not body)
            self._send()
            async with asyncio.timeout(timeout_seconds):
                return await self._answer
        except h2.exceptions.ProtocolError as error:
            raise RequestFailedError(f"HTTP/2: {error}") from error
        except TimeoutError as error:
            self.close()
            raise RequestFailedError(f"no answer within {timeout_seconds:g} s") from error

    def close(self) -> None:
        self.is_open = False
        self._transport.close()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self.is_open = transport, True
        self._h2.initiate_connection()
        transport.write(self._h2.data_to_send())

    def data_received(self, data: bytes) -> None:
        self._received += data
        try:
            while (frame := self._next_frame()) is not None:
                for event in self._h2.receive_data(frame):
                    self._take(event)
            self._send()
        except h2.exceptions.ProtocolError as error:
            self._fail(f"the answer is not HTTP/2: {error}")
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        self._fail("reset without an answer" if exc is not None else "closed without an answer")

    def _next_frame(self) -> bytes | None:
        """A whole one, without those that say goodbye: the library would take nothing after them, but what
        was asked before is answered still."""
        while len(self._received) >= _HEAD_BYTES:
            end = _HEAD_BYTES + int.from_bytes(self._received[:3])
            if len(self._received) < end:
                return None
            frame, self._received = bytes(self._received[:end]), self._received[end:]
            if frame[3] != _GOAWAY:
                return frame
            self.is_open = False
            if self._stream > int.from_bytes(frame[_HEAD_BYTES : _HEAD_BYTES + 4]):
                self._fail("ended before it was taken")
        return None

    def _take(self, event: h2.events.Event) -> None:
        if getattr(event, "stream_id", 0) != self._stream:
            return
        if isinstance(event, h2.events.ResponseReceived):
            self._response.status = int(dict(event.headers or ())[":status"])
        elif isinstance(event, h2.events.DataReceived):
            self._response.body += event.data or b""
            self._h2.acknowledge_received_data(event.flow_controlled_length or 0, self._stream)
        elif isinstance(event, h2.events.StreamReset):
            self._fail(f"reset with {event.error_code}")
        elif isinstance(event, h2.events.StreamEnded) and self._answer and not self._answer.done():
            self._answer.set_result(self._response)

    def _send(self) -> None:
        """As much of the body as the windows let through, and all else that waits."""
        while self._unsent:
            room = min(self._h2.local_flow_control_window(self._stream), self._h2.max_outbound_frame_size)
            if not room:
                break
            portion, self._unsent = self._unsent[:room], self._unsent[room:]
            self._h2.send_data(self._stream, bytes(portion), end_stream=not self._unsent)
        self._transport.write(self._h2.data_to_send())

    def _fail(self, reason: str) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(RequestFailedError(reason))
