"""`tidegate ca`."""

from __future__ import annotations

import asyncio
from pathlib import Path

import typer

from tidegate.cli.options import DataDir, fail, load_settings
from tidegate.cli.settings import Settings
from tidegate.domain.time import SystemClock
from tidegate.fleet.client import Keys, SignedClient
from tidegate.fleet.hosting import AUTHORITY_PATH, SERVICE
from tidegate.fleet.http import Answer, Peer, UnreachableError, request

app = typer.Typer(add_completion=False)

_SECONDS_MAX = 10.0


@app.command()
def ca(data_dir: DataDir) -> None:
    """Print the root certificate that the requested certificates of this installation chain to.

    Trust it where HTTPS is used: tidegate ca > ca.pem, then curl --cacert ca.pem https://...
    """
    found = _ask(load_settings(data_dir), data_dir)
    if found.status != 200:
        fail(f"control refused: {found.body.decode(errors='replace').strip()}")
    typer.echo(found.body.decode(), nl=False)


def _ask(settings: Settings, data_dir: Path) -> Answer:
    keys = Keys(region=settings.region, access_key=settings.access_key, secret_key=settings.secret_key)
    peer = Peer.of(settings.url)
    client = SignedClient(settings.url, keys, SystemClock())
    headers = client.signature("GET", peer.authority, AUTHORITY_PATH, service=SERVICE)
    try:
        return asyncio.run(
            request(peer, "GET", AUTHORITY_PATH, headers=headers, timeout_seconds=_SECONDS_MAX)
        )
    except UnreachableError as error:
        fail(f"the API does not answer ({error}): `tidegate up` starts it; its log is in {data_dir}/logs")
