"""`tidegate ca`."""

from __future__ import annotations

import typer

from tidegate.cli.control_pages import ControlSilentError, page
from tidegate.cli.options import DataDir, command_app, fail, load_settings
from tidegate.cli.places import command
from tidegate.fleet.hosting import AUTHORITY_PATH

app = command_app()


@app.command()
def ca(data_dir: DataDir) -> None:
    """Print the root certificate that the requested certificates of this installation chain to.

    Trust it where HTTPS is used: tidegate ca > ca.pem, then curl --cacert ca.pem https://...
    """
    try:
        status, content = page(load_settings(data_dir), AUTHORITY_PATH)
    except ControlSilentError as error:
        start = command("up", data_dir)
        fail(f"the API does not answer ({error}): `{start}` starts it; its log is in {data_dir}/logs")
    if status != 200:
        fail(f"control refused: {content.strip()}")
    typer.echo(content, nl=False)
