"""`tidegate logs`."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from botocore.exceptions import BotoCoreError, ClientError

from tidegate.cli.clients import aws_client
from tidegate.cli.options import DataDir, command_app, fail, load_settings, running_settings
from tidegate.cli.shipped_logs import ShippedLogs
from tidegate.cli.stopped_tasks import services_named, troubles_of_service
from tidegate.cli.task_logs import TaskLogs, UnknownTaskError, tasks_named

app = command_app()

_LOOK_SECONDS = 0.5


@app.command()
def logs(
    data_dir: DataDir,
    name: Annotated[str, typer.Argument(help="A task by id or ARN, or a service by name or ARN.")],
    is_following: Annotated[bool, typer.Option("-f", "--follow", help="Go on printing new lines.")] = False,
    tail: Annotated[
        int, typer.Option("-n", "--tail", min=0, help="Lines of each container to begin with; 0: all.")
    ] = 0,
) -> None:
    """Print what a task's containers wrote, dead ones included; of a service, all of its tasks'.

    Each line begins with the task's short id and the container's name; the short id names the task here.

    \b
    tidegate logs shop -f
    tidegate logs 3f2a9c41 -n 20
    """
    settings = load_settings(data_dir)
    ecs = aws_client("ecs", settings)

    def tasks_of(service: str) -> set[str]:
        try:
            return tasks_named(ecs, service)
        except (ClientError, BotoCoreError):
            # Control may be away for a while; those that are known are followed meanwhile.
            return set()

    found = TaskLogs(data_dir, name, tasks_of, ShippedLogs(ecs, aws_client("logs", settings)))
    if found.is_service:
        running_settings(data_dir)
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
        fail("\n".join([str(error), *_troubles(ecs, name, data_dir)]) if found.is_service else str(error))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


def _troubles(ecs: Any, service: str, data_dir: Path) -> Iterator[str]:
    """Why a service without lines has none."""
    with contextlib.suppress(ClientError, BotoCoreError):
        for described in services_named(ecs, service):
            yield from troubles_of_service(ecs, described, data_dir)
