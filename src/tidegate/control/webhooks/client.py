"""The HTTP client behind webhooks. Imported when the first URL is told."""

from __future__ import annotations

import asyncio
import socket
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from tidegate.control.webhooks import AT_ONCE_MAX, WebhookFailedError


class Client:
    def __init__(self) -> None:
        self._resolver = _Resolver()

    async def post(self, url: str, body: bytes, notification_id: str) -> int:
        """The status. Raises WebhookFailedError, OSError and ValueError."""
        try:
            return await self._status(url, body, notification_id)
        except aiohttp.ClientError as error:
            raise WebhookFailedError(str(error) or type(error).__name__) from error

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
