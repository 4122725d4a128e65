"""HTTP/1.1 load: ready-made requests over kept-alive connections, every answer read and checked.

One request at a time on each connection. Written on bare protocols of uvloop, so that one process sends
several times what a server in Python can answer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast


class LoadFailedError(Exception):
    """The load could not be put on, or an answer was not what it should be; the message says what came."""


@dataclass(slots=True)
class Slice:
    """What came of one stretch of load. `cpu_seconds` are the server's."""

    seconds: float
    cpu_seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    answer_bytes: int = 0

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.latencies) / self.seconds

    @property
    def cpu_microseconds(self) -> float:
        """The server's CPU time of one request."""
        return self.cpu_seconds / len(self.latencies) * 1e6


class Load:
    """`connections` clients that take their requests in turn from one iterator. A server that closes a
    connection after its answer is asked over a new one, as every client would."""

    def __init__(self, host: str, port: int, connections: int) -> None:
        self._clients = [_Client(host, port) for _ in range(connections)]

    async def run(self, requests: Iterator[bytes], seconds: float) -> Slice:
        """Send until the time is over; raises LoadFailedError at the first answer that is not 200."""
        began = time.perf_counter()
        result = Slice(0.0)
        try:
            await asyncio.gather(*(client.run(requests, began + seconds, result) for client in self._clients))
        except OSError as error:
            raise LoadFailedError(str(error)) from error
        result.seconds = time.perf_counter() - began
        return result

    def close(self) -> None:
        for client in self._clients:
            client.close()


class _Client(asyncio.Protocol):
    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._transport: asyncio.WriteTransport | None = None
        self._received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's is no subclass of asyncio's, but is one in all that it does.
        self._transport = cast(asyncio.WriteTransport, transport)
        self._lost = asyncio.get_running_loop().create_future()

    async def run(self, requests: Iterator[bytes], until: float, result: Slice) -> None:
        """Returns once the time is over and the last answer is there. Raises OSError, LoadFailedError."""
        loop = asyncio.get_running_loop()
        self._requests, self._until, self._result = requests, until, result
        while True:
            self._done, self._is_kept = loop.create_future(), True
            self._sent_at = time.perf_counter()
            if self._transport is None:
                await loop.create_connection(lambda: self, *self._address)
            self._send()
            await self._done
            if self._is_kept:
                return
            self.close()
            await self._lost

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._whole < 0:
            self._read_head()
        if 0 <= self._whole <= len(self._received):
            self._result.latencies.append(time.perf_counter() - self._sent_at)
            self._result.answer_bytes = self._body_bytes
            if self._is_kept:
                self._sent_at = time.perf_counter()
                self._send()
            else:
                self._done.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost.set_result(None)
        if not self._done.done():
            self._done.set_exception(LoadFailedError(f"the connection was closed: {exc}"))

    def _send(self) -> None:
        self._received.clear()
        self._whole = -1
        request = next(self._requests, None) if self._sent_at < self._until else None
        if request is not None and self._transport is not None:
            self._transport.write(request)
        else:
            self._done.set_result(None)

    def _read_head(self) -> None:
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._received[:end]).lower()
        at = head.find(b"\r\ncontent-length:")
        if not head.startswith(b"http/1.1 200") or at < 0:
            text = bytes(self._received[:600]).decode(errors="replace")
            self._done.set_exception(LoadFailedError(text))
            return
        self._is_kept = b"\r\nconnection: close" not in head
        self._body_bytes = int(head[at + 17 :].split(b"\r\n", 1)[0])
        self._whole = end + 4 + self._body_bytes
