"""`tidegate ca`."""

from __future__ import annotations

import http.client
from pathlib import Path

import typer

from tidegate.cli.options import DataDir, command_app, fail, load_settings
from tidegate.cli.settings import Settings
from tidegate.domain.time import SystemClock
from tidegate.fleet.hosting import AUTHORITY_PATH, SERVICE
from tidegate.wire.sigv4 import sign_headers

app = command_app()

_SECONDS_MAX = 10.0


@app.command()
def ca(data_dir: DataDir) -> None:
    """Print the root certificate that the requested certificates of this installation chain to.

    Trust it where HTTPS is used: tidegate ca > ca.pem, then curl --cacert ca.pem https://...
    """
    status, content = _ask(load_settings(data_dir), data_dir)
    if status != 200:
        fail(f"control refused: {content.strip()}")
    typer.echo(content, nl=False)


def _ask(settings: Settings, data_dir: Path) -> tuple[int, str]:
    """Control's status and answer; exits where there is none."""
    headers = sign_headers(
        method="GET",
        host=settings.endpoint,
        path=AUTHORITY_PATH,
        service=SERVICE,
        region=settings.region,
        access_key_id=settings.access_key,
        secret_key=settings.secret_key,
        now=SystemClock().now(),
    )
    connection = http.client.HTTPConnection(settings.endpoint, timeout=_SECONDS_MAX)
    try:
        connection.request("GET", AUTHORITY_PATH, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        fail(f"the API does not answer ({error}): `tidegate up` starts it; its log is in {data_dir}/logs")
    finally:
        connection.close()
