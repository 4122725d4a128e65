"""The agent's calls of control's APIs: of ECS to register, discover and report, of Logs to ship lines."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from tidegate.agent.settings import AgentSettings
from tidegate.wire.sigv4 import sign_headers

_TARGETS = {"ecs": "AmazonEC2ContainerServiceV20141113.", "logs": "Logs_20140328."}


class ApiError(Exception):
    """Control answered with an error. `is_final`: sending the same again is of no use. `details`: what the
    answer has beside code and message."""

    def __init__(self, code: str, message: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.details = details or {}
        self.is_final = code in ("InvalidParameterException", "ClientException")


class UnreachableError(Exception):
    """Control does not answer, or cannot just now. Retryable."""


class EcsApi:
    """Signed calls over one HTTP session."""

    def __init__(self, settings: AgentSettings, session: aiohttp.ClientSession) -> None:
        self._settings = settings
        self._session = session
        self._host = urlsplit(settings.endpoint).netloc

    def new_id(self) -> str:
        """An id for a message."""
        return str(uuid.uuid4())

    async def call(self, operation: str, request: Mapping[str, Any], service: str = "ecs") -> dict[str, Any]:
        """One call; raises ApiError or UnreachableError."""
        body = json.dumps(request).encode()
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": _TARGETS[service] + operation,
        }
        headers |= self.signature("POST", "/", headers=headers, body=body, service=service)
        try:
            async with self._session.post(
                self._settings.endpoint + "/", data=body, headers=headers, timeout=aiohttp.ClientTimeout(30)
            ) as answer:
                text = await answer.read()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise UnreachableError(str(error)) from error
        try:
            document: dict[str, Any] = json.loads(text or b"{}")
        except ValueError as error:
            raise UnreachableError("the answer is not JSON") from error
        if answer.status == 200:
            return document
        if answer.status >= 500 or answer.status == 429:
            raise UnreachableError(f"status {answer.status}")
        raise ApiError(str(document.get("__type", "")), str(document.get("message", "")), document)

    def signature(
        self,
        method: str,
        path: str,
        query: list[tuple[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        service: str = "ecs",
    ) -> dict[str, str]:
        """The headers that sign a request to control."""
        settings = self._settings
        return sign_headers(
            method=method,
            host=self._host,
            path=path,
            query=query or [],
            headers=headers,
            body=body,
            service=service,
            region=settings.region,
            access_key_id=settings.access_key,
            secret_key=settings.secret_key,
            now=datetime.now(UTC),
        )
