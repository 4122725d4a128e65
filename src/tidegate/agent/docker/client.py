"""The Docker Engine API over its UNIX socket: the few calls an agent makes, errors translated."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import quote

import aiohttp

from tidegate.agent.runtime import RuntimeUnavailableError

# Of Docker 20.10, the oldest that is served; it is the first whose statistics take no second to come.
API_VERSION = "v1.41"
NOT_FOUND = 404
IN_CONFLICT = 409


class EngineError(Exception):
    """The engine refused: its status and its message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message


class DockerClient:
    def __init__(self, socket_path: str) -> None:
        self._path = socket_path
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        connector = aiohttp.UnixConnector(path=self._path, limit=0)
        self._session = aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(None))

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        document: Mapping[str, Any] | None = None,
        timeout_seconds: float = 120.0,
    ) -> Any:
        """One call; the decoded answer. Raises EngineError or RuntimeUnavailableError."""
        assert self._session is not None
        try:
            async with self._session.request(
                method,
                f"http://docker/{API_VERSION}{path}",
                params=query,
                json=document,
                timeout=aiohttp.ClientTimeout(timeout_seconds),
            ) as answer:
                text = await answer.text()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise RuntimeUnavailableError(f"Docker does not answer: {error}") from error
        if answer.status >= 400:
            raise EngineError(answer.status, _message(text))
        try:
            return json.loads(text) if text else None
        except ValueError:
            return text

    async def stream(
        self, method: str, path: str, query: Mapping[str, str] | None = None
    ) -> AsyncIterator[bytes]:
        """The chunks of an endless answer. Raises EngineError or RuntimeUnavailableError."""
        assert self._session is not None
        try:
            async with self._session.request(
                method, f"http://docker/{API_VERSION}{path}", params=query
            ) as answer:
                if answer.status >= 400:
                    raise EngineError(answer.status, _message(await answer.text()))
                async for chunk in answer.content.iter_any():
                    yield chunk
        except (aiohttp.ClientError, OSError) as error:
            raise RuntimeUnavailableError(f"Docker does not answer: {error}") from error

    async def upload(self, path: str, query: Mapping[str, str], archive: bytes) -> AsyncIterator[bytes]:
        """Post a tar file; the lines of the answer. Raises EngineError or RuntimeUnavailableError."""
        assert self._session is not None
        headers = {"Content-Type": "application/x-tar"}
        try:
            async with self._session.post(
                f"http://docker/{API_VERSION}{path}", params=query, data=archive, headers=headers
            ) as answer:
                if answer.status >= 400:
                    raise EngineError(answer.status, _message(await answer.text()))
                async for line in answer.content:
                    yield line
        except (aiohttp.ClientError, OSError) as error:
            raise RuntimeUnavailableError(f"Docker does not answer: {error}") from error

    async def pull(self, image: str) -> None:
        """Pull an image; raises EngineError with the registry's words."""
        failure = ""
        # Without a tag the engine would pull every one that there is.
        last = image.rpartition("/")[2]
        name = image if ":" in last or "@" in last else f"{image}:latest"
        async for chunk in self.stream("POST", "/images/create", {"fromImage": name}):
            for line in chunk.splitlines():
                if b'"error"' in line:
                    failure = _message(line.decode(errors="replace"))
        if failure:
            raise EngineError(404, failure)


def name_in_path(name: str) -> str:
    return quote(name, safe="")


def _message(text: str) -> str:
    try:
        document = json.loads(text)
    except ValueError:
        return text.strip()
    return str(document.get("message") or document.get("error") or text)
