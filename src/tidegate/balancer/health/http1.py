"""One check over HTTP/1.1: the status of the first final answer whose headers are whole."""

from __future__ import annotations

import asyncio
from typing import cast

import httptools

from tidegate.balancer.decisions.checks import Question, http1_request

# What is left of the answer is read and dropped: closing under a target that is still writing would
# reset its connection, and fill its log with errors.
_REST_SECONDS = 1.0
_HEAD_BYTES_MAX = 64 * 1024


class Http1Exchange(asyncio.Protocol):
    """`answer` is the status, or None when what came is no answer."""

    def __init__(self, asked: Question, answer: asyncio.Future[int | None]) -> None:
        self._asked = asked
        self._answer = answer
        self._parser = httptools.HttpResponseParser(self)
        self._head_bytes = 0
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def ask(self) -> None:
        """Send the request."""
        if self.transport is not None:
            self.transport.write(http1_request(self._asked))

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._resolve(None)
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - either way nothing more comes
        self._resolve(None)

    def abort(self) -> None:
        """Drop the connection, whatever is under way."""
        if self.transport is not None:
            self.transport.abort()

    def finish(self) -> None:
        """Close the connection when the answer has come to its end, or soon."""
        if self.transport is not None and not self.transport.is_closing():
            asyncio.get_running_loop().call_later(_REST_SECONDS, self.transport.abort)

    # The parser's own calls.

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head_bytes += len(name) + len(value)

    def on_headers_complete(self) -> None:
        if self._head_bytes > _HEAD_BYTES_MAX:
            self._resolve(None)
        status = self._parser.get_status_code()
        if status >= 200 or status == 101:
            self._resolve(status)

    def on_message_complete(self) -> None:
        if self._answer.done() and self.transport is not None:
            self.transport.close()

    def _resolve(self, status: int | None) -> None:
        if not self._answer.done():
            self._answer.set_result(status)
