"""`tidegate logs`."""

from __future__ import annotations

from typing import Annotated

import typer

from tidegate.cli.options import DataDir, fail
from tidegate.cli.task_logs import UnknownTaskError, follow, lines_of

app = typer.Typer(add_completion=False)


@app.command()
def logs(
    data_dir: DataDir,
    name: Annotated[str, typer.Argument(help="A task's id or ARN, or a service's name or ARN.")],
    is_following: Annotated[bool, typer.Option("-f", "--follow", help="Go on printing new lines.")] = False,
    tail: Annotated[int, typer.Option("-n", "--tail", help="Lines per container to begin with; 0: all.")] = 0,
) -> None:
    """Print what a task's containers wrote, dead ones included; of a service, all of its tasks'."""
    data_dir = data_dir.absolute()
    try:
        for line in lines_of(data_dir, name, tail):
            typer.echo(line)
        if is_following:
            for line in follow(data_dir, name):
                typer.echo(line)
    except UnknownTaskError as error:
        fail(str(error))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
