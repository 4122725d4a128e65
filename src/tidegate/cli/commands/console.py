"""`tidegate console`."""

from __future__ import annotations

from typing import Annotated

import typer

from tidegate.cli.console_link import NoConsoleError, show, signed_in_url
from tidegate.cli.options import DataDir, command_app, fail, running_settings

app = command_app()


@app.command()
def console(
    data_dir: DataDir,
    only_prints: Annotated[
        bool, typer.Option("--print", help="Only print the link, for a browser elsewhere.")
    ] = False,
) -> None:
    """Open the web console in a browser, signed in.

    The link that it prints is good for one minute and for one use. Without a link the console asks for
    the access key that `tidegate env` prints.
    """
    try:
        url = signed_in_url(running_settings(data_dir))
    except NoConsoleError as error:
        fail(str(error))
    typer.echo(url)
    trouble = "" if only_prints else show(url)
    if trouble:
        typer.echo(f"tidegate: {trouble}", err=True)
