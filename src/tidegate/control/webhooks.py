"""URLs that are told of alarms: a POST of JSON each."""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import Protocol

TIMEOUT_SECONDS = 5.0


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
    """Any answer of 2xx is taken as heard; redirects are followed for GET only, that is not."""

    async def post(self, url: str, body: bytes, notification_id: str) -> None:
        request = urllib.request.Request(
            url,
            data=body,
            headers={"Content-Type": "application/json", "X-Tidegate-Notification-Id": notification_id},
        )
        await asyncio.to_thread(_send, request)


def _send(request: urllib.request.Request) -> None:
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):
            return
    except (urllib.error.URLError, OSError, HTTPException, ValueError) as error:
        raise WebhookFailedError(str(error)) from error
