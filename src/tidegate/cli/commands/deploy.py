"""`tidegate deploy`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tidegate.cli.clients import aws_client
from tidegate.cli.deployment import DeployError
from tidegate.cli.deployment import deploy as run
from tidegate.cli.options import DataDir, fail, load_settings

app = typer.Typer(add_completion=False)


@app.command()
def deploy(
    data_dir: DataDir,
    file: Annotated[Path, typer.Argument(help="A task definition in the form of --cli-input-json.")],
    service: Annotated[str, typer.Option(help="The service to update.")],
    cluster: Annotated[str, typer.Option(help="Its cluster.")] = "default",
    timeout: Annotated[float, typer.Option(help="Seconds to wait for the deployment.")] = 900.0,
) -> None:
    """Register FILE as a new revision, update the service, wait, and print its events live.

    Exits 1 when the deployment fails, is rolled back or replaced, or takes longer than the timeout.
    """
    ecs = aws_client("ecs", load_settings(data_dir))
    try:
        run(ecs, file, cluster, service, timeout, typer.echo)
    except DeployError as error:
        fail(str(error))
