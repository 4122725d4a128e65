"""One HTTP health check: a connection of its own, the status line read, the rest ignored."""

from __future__ import annotations

import asyncio

from tidegate.balancer.decisions.health import Probe

_LINE_BYTES_MAX = 1024


class _Exchange(asyncio.Protocol):
    """Sends the request on connecting, and resolves with the status of the first line."""

    def __init__(self, request: bytes, answer: asyncio.Future[int | None]) -> None:
        self._request = request
        self._answer = answer
        self._received = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if b"\n" in self._received or len(self._received) > _LINE_BYTES_MAX:
            self._resolve(_status(self._received))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - either way there is no answer
        self._resolve(None)

    def _resolve(self, status: int | None) -> None:
        if not self._answer.done():
            self._answer.set_result(status)


async def probe(address: str, port: int, path: str, timeout_seconds: float) -> Probe:
    """Check one target over HTTP/1.1; never raises."""
    host = address if port == 80 else f"{address}:{port}"
    request = (
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: ELB-HealthChecker/2.0\r\n"
        "Accept-Encoding: gzip, compressed\r\nConnection: close\r\n\r\n"
    ).encode()
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[int | None] = loop.create_future()
    exchange = _Exchange(request, answer)
    try:
        async with asyncio.timeout(timeout_seconds):
            await loop.create_connection(lambda: exchange, address, port)
            status = await answer
    except TimeoutError:
        return Probe(failure="timeout", is_connected=exchange.transport is not None)
    except OSError:
        return Probe(failure="failed", is_connected=False)
    finally:
        if exchange.transport is not None:
            exchange.transport.abort()
    return Probe(status=status) if status is not None else Probe(failure="failed")


def _status(received: bytes) -> int | None:
    """The status of `HTTP/1.x NNN ...`, or None for anything else."""
    parts = received.split(b"\n", 1)[0].split()
    if len(parts) < 2 or not parts[0].startswith(b"HTTP/1") or not parts[1].isdigit():
        return None
    return int(parts[1])
