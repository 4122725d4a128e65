"""`tidegate status`."""

from __future__ import annotations

import typer

from tidegate.cli.options import DataDir, command_app, load_settings
from tidegate.cli.overview import overview

app = command_app()


@app.command()
def status(data_dir: DataDir) -> None:
    """Show what runs, where the load balancers answer, versions, and problems with their mend.

    Each load balancer answers on an address of its own. Exits 1 when there is a problem.
    """
    shown = overview(data_dir, load_settings(data_dir))
    for line in shown.lines:
        typer.echo(line)
    for problem in shown.problems:
        typer.echo(f"problem: {problem}")
    if shown.problems:
        raise typer.Exit(1)
