"""URLs that are told of alarms: a POST of JSON each."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from tidegate.control.importing import late_module

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
        self._client: Any = None

    async def post(self, url: str, body: bytes, notification_id: str) -> None:
        if self._client is None:
            # Slow to import: neither control's first answer nor its loop waits for it.
            module = await asyncio.to_thread(late_module, "tidegate.control.webhooks.client")
            self._client = self._client or module.Client()
        try:
            async with asyncio.timeout(self._timeout_seconds):
                status = await self._client.post(url, body, notification_id)
        except TimeoutError as error:
            raise WebhookFailedError(f"no answer within {self._timeout_seconds:g} s") from error
        except (OSError, ValueError) as error:
            raise WebhookFailedError(str(error) or type(error).__name__) from error
        if not 200 <= status < 300:
            raise WebhookFailedError(f"it answered {status}")
