"""URLs that are told of alarms: a POST of JSON each."""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from typing import Any, Protocol

TIMEOUT_SECONDS = 5.0
# Threads of their own: what hangs holds up nothing else that runs on threads.
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
    """Any answer of 2xx is taken as heard; a redirection is not followed, and is not."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE_MAX, thread_name_prefix="webhooks")

    async def post(self, url: str, body: bytes, notification_id: str) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._threads, _send, url, body, notification_id)


class _NoRedirection(urllib.request.HTTPRedirectHandler):
    """The standard one would repeat the request as a GET, without its body."""

    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirection)


def _send(url: str, body: bytes, notification_id: str) -> None:
    headers = {"Content-Type": "application/json", "X-Tidegate-Notification-Id": notification_id}
    try:
        request = urllib.request.Request(url, data=body, headers=headers)
        with _OPENER.open(request, timeout=TIMEOUT_SECONDS):
            return
    except (urllib.error.URLError, OSError, HTTPException, ValueError) as error:
        raise WebhookFailedError(str(error)) from error
