"""The pages that control serves to this command line beside AWS's APIs."""

from __future__ import annotations

import http.client
import secrets

from tidegate.cli.settings import Settings
from tidegate.domain.time import SystemClock
from tidegate.fleet.hosting import SERVICE
from tidegate.wire.sigv4 import sign_headers

_SECONDS_MAX = 10.0


class ControlSilentError(Exception):
    """Control does not answer; the message says how."""


def page(settings: Settings, path: str) -> tuple[int, str]:
    """The status and content of a page. Raises ControlSilentError."""
    # No two requests have the same signature: some are answered once.
    headers = {"x-tidegate-nonce": secrets.token_hex(8)}
    headers |= sign_headers(
        method="GET",
        host=settings.endpoint,
        path=path,
        headers=headers,
        service=SERVICE,
        region=settings.region,
        access_key_id=settings.access_key,
        secret_key=settings.secret_key,
        now=SystemClock().now(),
    )
    connection = http.client.HTTPConnection(settings.endpoint, timeout=_SECONDS_MAX)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        raise ControlSilentError(str(error)) from error
    finally:
        connection.close()
