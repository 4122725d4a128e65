"""URLs that are told of alarms: a POST of JSON each."""

from __future__ import annotations

import asyncio
import socket
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

TIMEOUT_SECONDS = 5.0
AT_ONCE_MAX = 4


class WebhookFailedError(Exception):
    """The other end was not reached, or did not take it. Retryable."""


class Webhooks(Protocol):
    async def post(self, url: str, body: bytes, notification_id: str) -> None:
        """Tell a URL. The id is the same however often this is tried. Raises WebhookFailedError."""
        ...


class NoWebhooks:
    """An installation that reaches nobody."""

    async def post(self, url: str, body: bytes, notification_id: str) -> None:  # noqa: ARG002
        raise WebhookFailedError("URLs are not told here")


class HttpWebhooks:
    """Any answer of 2xx is taken as heard; a redirection is not followed, and is not. The time is for all of
    it, from the name's look-up to the end of the answer's head."""

    def __init__(self, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._timeout_seconds = timeout_seconds
        self._resolver = _Resolver()

    async def post(self, url: str, body: bytes, notification_id: str) -> None:
        try:
            async with asyncio.timeout(self._timeout_seconds):
                status = await self._status(url, body, notification_id)
        except TimeoutError as error:
            raise WebhookFailedError(f"no answer within {self._timeout_seconds:g} s") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise WebhookFailedError(str(error) or type(error).__name__) from error
        if not 200 <= status < 300:
            raise WebhookFailedError(f"it answered {status}")

    async def _status(self, url: str, body: bytes, notification_id: str) -> int:
        headers = {"Content-Type": "application/json", "X-Tidegate-Notification-Id": notification_id}
        connector = aiohttp.TCPConnector(resolver=self._resolver, force_close=True)
        async with (
            aiohttp.ClientSession(connector=connector, headers=headers) as session,
            session.post(url, data=body, allow_redirects=False, proxy=_proxy(url)) as answer,
        ):
            return answer.status


def _proxy(url: str) -> str | None:
    """The environment's. aiohttp's own way to it would also send what `.netrc` has for the host."""
    target = urlsplit(url)
    if target.hostname is None or urllib.request.proxy_bypass(target.hostname):
        return None
    return urllib.request.getproxies().get(target.scheme)


class _Resolver(AbstractResolver):
    """On threads of its own: a name server that hangs holds up nothing else that runs on threads."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE_MAX, thread_name_prefix="webhooks")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(
            self._threads, socket.getaddrinfo, host, port, family, socket.SOCK_STREAM
        )
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=port,
                family=found_family,
                proto=protocol,
                flags=socket.AI_NUMERICHOST,
            )
            for found_family, _, protocol, _, address in found
        ]

    async def close(self) -> None:
        """Every request's connector calls it; the threads stay for the next."""
