"""`tidegate top`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from tidegate.cli.clients import aws_client
from tidegate.cli.options import DataDir, command_app, fail, running_settings
from tidegate.cli.top.frame import Frame
from tidegate.cli.top.looking import Looking
from tidegate.cli.top.watching import watch

app = command_app()

# Of what is no terminal: whoever reads it wants every column.
_WIDTH = 120


@app.command()
def top(
    data_dir: DataDir,
    every: Annotated[
        float, typer.Option("--every", min=0.5, max=60, help="Seconds between two looks.")
    ] = 2.0,
    is_once: Annotated[bool, typer.Option("--once", help="Print one look and end, for scripts.")] = False,
) -> None:
    """Watch services, targets and load balancers: tasks, health, requests, errors, times.

    What is not as it should be comes first. Rates are of 20 seconds that ended some seconds ago, CPU and
    memory as they were last reported; all from the APIs of ECS, ELBv2 and CloudWatch alone. Leave with q or
    Ctrl-C. Narrow terminals show fewer columns, low ones fewer rows.
    """
    settings = running_settings(data_dir)
    looking = Looking(lambda service: aws_client(service, settings))
    title = f"tidegate {settings.endpoint} {settings.region}"
    try:
        seen = looking.look()
    except (ClientError, BotoCoreError) as error:
        fail(f"the API does not say what runs ({error})")
    if is_once or not sys.stdout.isatty():
        console = Console(width=None if sys.stdout.isatty() else _WIDTH, highlight=False)
        console.print(Frame(title=title, seen=seen, now=seen.at, is_bounded=False))
        return
    watch(Console(highlight=False), title, looking.look, seen, every)
