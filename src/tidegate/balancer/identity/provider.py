"""Requests to identity providers: bounded in time and size, over IPv4, as a load balancer makes them."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

TIMEOUT_SECONDS = 5.0


class ProviderError(Exception):
    """A provider gave no answer, or none that can be used. Retryable."""


class ProviderTimeoutError(ProviderError):
    """It gave none in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAnswer:
    status: int
    content: bytes


class Providers:
    """All providers. `authorities`: PEM of those that are trusted beside the system's."""

    def __init__(self) -> None:
        self.authorities = ""
        self._trusted = ""
        self._session: aiohttp.ClientSession | None = None

    async def get(self, url: str, bytes_max: int, headers: Mapping[str, str] | None = None) -> ProviderAnswer:
        """Raises ProviderError."""
        return await self._ask("GET", url, bytes_max, headers, None)

    async def post(
        self, url: str, bytes_max: int, form: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> ProviderAnswer:
        """Raises ProviderError."""
        return await self._ask("POST", url, bytes_max, headers, form)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _ask(
        self,
        method: str,
        url: str,
        bytes_max: int,
        headers: Mapping[str, str] | None,
        form: Mapping[str, str] | None,
    ) -> ProviderAnswer:
        try:
            session = await self._current_session()
            async with (
                asyncio.timeout(TIMEOUT_SECONDS),
                session.request(method, url, headers=headers, data=form, allow_redirects=False) as answer,
            ):
                content = await _whole(answer.content, bytes_max)
                return ProviderAnswer(status=answer.status, content=content)
        except TimeoutError as error:
            raise ProviderTimeoutError(f"no answer within {TIMEOUT_SECONDS:g} s") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise ProviderError(str(error) or type(error).__name__) from error

    async def _current_session(self) -> aiohttp.ClientSession:
        if self._trusted != self.authorities:
            await self.close()
        if self._session is None:
            self._session, self._trusted = _session(self.authorities), self.authorities
        return self._session


def _session(authorities: str) -> aiohttp.ClientSession:
    context = ssl.create_default_context()
    if authorities:
        context.load_verify_locations(cadata=authorities)
    connector = aiohttp.TCPConnector(ssl=context, resolver=_Resolver(), family=socket.AF_INET)
    # A cookie that comes with one user's answer must not go with another's request.
    return aiohttp.ClientSession(
        connector=connector, headers={"Accept": "application/json"}, cookie_jar=aiohttp.DummyCookieJar()
    )


async def _whole(content: aiohttp.StreamReader, bytes_max: int) -> bytes:
    """Raises ProviderError when there is more."""
    found = bytearray()
    async for portion in content.iter_any():
        found += portion
        if len(found) > bytes_max:
            raise ProviderError(f"more than {bytes_max} bytes")
    return bytes(found)


class _Resolver(AbstractResolver):
    """The system's, but for names below `localhost`, which lead to this machine everywhere but in glibc."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        is_local = host == "localhost" or host.endswith(".localhost")
        addresses = ["127.0.0.1"] if is_local else await self._addresses(host, port)
        return [
            ResolveResult(
                hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST
            )
            for address in addresses
        ]

    async def _addresses(self, host: str, port: int) -> list[str]:
        found = await asyncio.get_running_loop().getaddrinfo(
            host, port, family=socket.AF_INET, type=socket.SOCK_STREAM
        )
        return [str(address[0]) for *_, address in found]

    async def close(self) -> None:
        """Nothing is held."""
