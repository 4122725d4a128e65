"""One health check: a connection of its own, one request, the status of its answer."""

from __future__ import annotations

import asyncio
import ssl

from h2.exceptions import ProtocolError

from tidegate.balancer.decisions.checks import Question
from tidegate.balancer.decisions.health import Probe
from tidegate.balancer.health.http1 import Http1Exchange
from tidegate.balancer.health.http2 import Http2Exchange


async def probe(asked: Question, timeout_seconds: float) -> Probe:
    """Check one target; whatever it does is an outcome. The time covers connecting, TLS and the answer's
    headers."""
    if not asked.is_admitted:
        # Security groups drop what they do not admit.
        await asyncio.sleep(timeout_seconds)
        return Probe(failure="timeout", is_connected=False)
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[int | None] = loop.create_future()
    exchange = (Http1Exchange if asked.version == "HTTP1" else Http2Exchange)(asked, answer)
    try:
        async with asyncio.timeout(timeout_seconds):
            # Not by a socket of our own: uvloop closes its descriptor a second time when an answer, and with
            # it the end of the connection, is there before `create_connection` returns.
            await loop.create_connection(lambda: exchange, asked.address, asked.port)
            if asked.is_tls:
                await _start_tls(exchange, asked)
            exchange.ask()
            status = await answer
    except TimeoutError:
        exchange.abort()
        return Probe(failure="timeout", is_connected=exchange.transport is not None)
    except (OSError, ProtocolError):
        exchange.abort()
        return Probe(failure="failed", is_connected=exchange.transport is not None)
    except BaseException:
        exchange.abort()
        raise
    exchange.finish()
    return Probe(status=status) if status is not None else Probe(failure="failed")


async def _start_tls(exchange: Http1Exchange | Http2Exchange, asked: Question) -> None:
    """Apart from connecting, so that a target that is slow to shake hands is not taken for one that is
    gone. Raises OSError."""
    assert exchange.transport is not None
    context = _CONTEXTS["HTTP1" if asked.version == "HTTP1" else "HTTP2"]
    loop = asyncio.get_running_loop()
    # No name: Application Load Balancers send none to targets, and compare none.
    exchange.transport = await loop.start_tls(
        exchange.transport, exchange, context, server_hostname="", ssl_shutdown_timeout=1.0
    )


def _context(*protocols: str) -> ssl.SSLContext:
    """Certificates of targets are not validated: the network is taken as private."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context


_CONTEXTS = {"HTTP1": _context(), "HTTP2": _context("h2")}
