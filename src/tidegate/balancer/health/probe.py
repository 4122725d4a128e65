"""One health check: a connection of its own, one request, the status of its answer."""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import Any

from tidegate.balancer.decisions.checks import Question
from tidegate.balancer.decisions.health import Probe
from tidegate.balancer.health.http1 import Http1Exchange
from tidegate.balancer.health.http2 import Http2Exchange


async def probe(asked: Question, timeout_seconds: float) -> Probe:
    """Check one target; never raises. The time covers connecting, TLS and the answer's headers."""
    if not asked.is_admitted:
        # Security groups drop what they do not admit.
        await asyncio.sleep(timeout_seconds)
        return Probe(failure="timeout", is_connected=False)
    is_connected = False
    try:
        async with asyncio.timeout(timeout_seconds):
            connection = await _connect(asked)
            is_connected = True
            status = await _ask(asked, connection)
    except TimeoutError:
        return Probe(failure="timeout", is_connected=is_connected)
    except OSError:
        return Probe(failure="failed", is_connected=is_connected)
    return Probe(status=status) if status is not None else Probe(failure="failed")


async def _connect(asked: Question) -> socket.socket:
    """Apart from TLS, so that a target that is slow to shake hands is not taken for one that is gone."""
    family = socket.AF_INET6 if ":" in asked.address else socket.AF_INET
    connection = socket.socket(family, socket.SOCK_STREAM)
    connection.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(connection, (asked.address, asked.port))
    except BaseException:
        connection.close()
        raise
    return connection


async def _ask(asked: Question, connection: socket.socket) -> int | None:
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[int | None] = loop.create_future()
    exchange = (Http1Exchange if asked.version == "HTTP1" else Http2Exchange)(asked, answer)
    try:
        await loop.create_connection(lambda: exchange, sock=connection, **_tls(asked))
        status = await answer
    except BaseException:
        exchange.abort()
        raise
    exchange.finish()
    return status


def _tls(asked: Question) -> dict[str, Any]:
    if not asked.is_tls:
        return {}
    context = _CONTEXTS["HTTP1" if asked.version == "HTTP1" else "HTTP2"]
    # No name: Application Load Balancers send none to targets, and compare none.
    return {"ssl": context, "server_hostname": "", "ssl_shutdown_timeout": 1.0}


def _context(*protocols: str) -> ssl.SSLContext:
    """Certificates of targets are not validated: the network is taken as private."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context


_CONTEXTS = {"HTTP1": _context(), "HTTP2": _context("h2")}
