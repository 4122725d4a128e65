"""`tidegate logs`."""

from __future__ import annotations

import time
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError

from tidegate.cli.clients import aws_client
from tidegate.cli.options import DataDir, fail, load_settings
from tidegate.cli.task_logs import TaskLogs, UnknownTaskError, tasks_of_service

app = typer.Typer(add_completion=False)

_LOOK_SECONDS = 0.5


@app.command()
def logs(
    data_dir: DataDir,
    name: Annotated[str, typer.Argument(help="A task's id or ARN, or a service's name or ARN.")],
    is_following: Annotated[bool, typer.Option("-f", "--follow", help="Go on printing new lines.")] = False,
    tail: Annotated[
        int, typer.Option("-n", "--tail", min=0, help="Lines of each container to begin with; 0: all.")
    ] = 0,
) -> None:
    """Print what a task's containers wrote, dead ones included; of a service, all of its tasks'."""
    data_dir = data_dir.absolute()
    ecs = aws_client("ecs", load_settings(data_dir))

    def tasks_of(service: str) -> set[str]:
        try:
            return tasks_of_service(ecs, service)
        except (ClientError, BotoCoreError) as error:
            typer.echo(f"tidegate: the service cannot be asked for its tasks: {error}", err=True)
            return set()

    found = TaskLogs(data_dir, name, tasks_of)
    try:
        lines = found.begin(tail, is_following=is_following)
        while True:
            for line in lines:
                typer.echo(line)
            if not is_following:
                return
            time.sleep(_LOOK_SECONDS)
            lines = found.new()
    except UnknownTaskError as error:
        fail(str(error))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
