"""`tidegate status`."""

from __future__ import annotations

from typing import Annotated

import typer

from tidegate.cli.options import DataDir, command_app, load_settings
from tidegate.cli.overview import overview
from tidegate.cli.readiness import scrape_targets

app = command_app()


@app.command()
def status(
    data_dir: DataDir,
    targets: Annotated[
        bool,
        typer.Option(
            "--scrape-targets", help="Print instead where Prometheus reads, for its file_sd_configs."
        ),
    ] = False,
) -> None:
    """Show what runs, where the load balancers answer, versions, and problems with their mend.

    Each load balancer answers on an address of its own. Exits 1 when there is a problem.
    """
    if targets:
        typer.echo(scrape_targets(data_dir))
        return
    shown = overview(data_dir, load_settings(data_dir))
    for line in shown.lines:
        typer.echo(line)
    for problem in shown.problems:
        typer.echo(f"problem: {problem}")
    if shown.problems:
        raise typer.Exit(1)
