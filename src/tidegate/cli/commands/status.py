"""`tidegate status`."""

from __future__ import annotations

import typer

from tidegate.cli.options import DataDir, load_settings
from tidegate.cli.overview import overview

app = typer.Typer(add_completion=False)


@app.command()
def status(data_dir: DataDir) -> None:
    """Show what runs, where the load balancers answer, versions, and problems with their mend.

    Exits 1 when there is a problem.
    """
    data_dir = data_dir.absolute()
    shown = overview(data_dir, load_settings(data_dir))
    for line in shown.lines:
        typer.echo(line)
    for problem in shown.problems:
        typer.echo(f"problem: {problem}")
    if shown.problems:
        raise typer.Exit(1)
