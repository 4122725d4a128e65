"""`tidegate demo`: sets the stage, plays the acts, prints the table, and stays up or leaves."""

from __future__ import annotations

import contextlib
import signal
import threading
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from tidegate.cli import settings
from tidegate.cli.console_place import console_url, is_built
from tidegate.cli.demo.acts import ACTS
from tidegate.cli.demo.play import play, table, write_report
from tidegate.cli.demo.stage import StageError, claimed, clear, set_stage, tidegate
from tidegate.cli.demo.story import AWS_TIMINGS, DEMO_TIMINGS, Stage, Story
from tidegate.cli.places import command_line, default_data_dir


def demo(
    check: Annotated[
        bool, typer.Option("--check", help="Exit 0 or 1 at the end instead of staying up.")
    ] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave it running detached at the end.")] = False,
    aws_timings: Annotated[
        bool,
        typer.Option(
            "--aws-timings", help="Keep AWS's pace: 300 s of draining, 60 s host loss, 15 min to scale in."
        ),
    ] = False,
    runtime: Annotated[str, typer.Option(help="auto, docker or process.")] = "auto",
    data_dir: Annotated[
        Path | None,
        typer.Option(
            help="Where the demo keeps its own state; what an earlier demo left there is removed first."
        ),
    ] = None,
    until: Annotated[
        int, typer.Option(min=1, max=len(ACTS), help="Play no further than this act.", show_default=False)
    ] = len(ACTS),
    report: Annotated[Path | None, typer.Option(help="Also write how each act ended, as JSON.")] = None,
) -> None:
    """Play the main job end to end on this machine, act by act, through the AWS APIs.

    It starts an installation of its own, beside yours; prints the aws command of each step; sends
    requests throughout acts 6 to 10, 12 and 13 and counts every one that fails; and ends with a table and the
    load balancer's URL. It deregisters targets in 10 s, checks health every 5 s, gives up a silent host
    after 5 s and scales at twelve times AWS's pace, unless --aws-timings asks for AWS's own.
    """
    # Whoever ends us by SIGTERM, as a CI job's end does, leaves nothing running either.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    console = Console()
    directory = (data_dir or default_data_dir().with_name("tidegate-demo")).absolute()
    timings = AWS_TIMINGS if aws_timings else DEMO_TIMINGS
    try:
        with claimed(directory):
            # Whose installation this is shows first: another's is not stopped at the end either.
            clear(directory, console)
            try:
                stage = set_stage(directory, runtime, timings, console)
                is_done = _perform(
                    stage, until, console, report, stays=not check and not keep, is_over=check and not keep
                )
            finally:
                if not keep:
                    tidegate(directory, "down")
    except StageError as error:
        console.print(f"[red]The stage could not be set:[/red] {error}", soft_wrap=True)
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        console.print("\nInterrupted.")
        is_done = False
    raise typer.Exit(0 if is_done else 1)


def _perform(
    stage: Stage, until: int, console: Console, report: Path | None, *, stays: bool, is_over: bool
) -> bool:
    """Play the acts up to a number and tell how they ended; whether none went wrong. `stays`: until Ctrl-C;
    `is_over`: everything stops at once."""
    story, endings = play(stage, ACTS[:until], console)
    console.print()
    console.print(table(endings))
    if report is not None:
        write_report(endings, report)
    is_done = all(ending.is_good for ending in endings)
    if is_done and not is_over:
        _print_where(console, story, stage.data_dir)
        if stays:
            _wait_for_interrupt(console)
    return is_done


def _print_where(console: Console, story: Story, directory: Path) -> None:
    props = story.props
    console.print()
    if props.address:
        port = "" if props.port == 80 else f":{props.port}"
        url = f"http://{props.address}{port}/users"
        console.print(f"The load balancer: [bold]{url}[/bold]", highlight=False, soft_wrap=True)
    if is_built():
        console.print(
            f"The console:       [bold]{console_url(settings.load(directory))}[/bold] "
            f"(signed in: {escape(command_line('console', directory))})",
            highlight=False,
            soft_wrap=True,
        )
    for what, words in (("for aws and boto3", "env"), ("what runs", "status"), ("stop it", "down")):
        line = command_line(words, directory)
        shown = f'eval "$({line})"' if words == "env" else line
        console.print(f"  {what + ':':<18} {escape(shown)}", highlight=False, soft_wrap=True)


def _wait_for_interrupt(console: Console) -> None:
    console.print("It stays up until Ctrl-C.")
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()
    console.print()
