"""`tidegate up`."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Annotated

import typer

from tidegate.cli import processes, upkeep
from tidegate.cli.options import DataDir, fail
from tidegate.cli.places import Places, default_data_dir
from tidegate.cli.runtimes import RuntimeMissingError, choose_runtime
from tidegate.cli.settings import DEFAULT_ENDPOINT, SettingsError, load

app = typer.Typer(add_completion=False)

_FIRST_ANSWER_SECONDS = 20.0


@app.command()
def up(
    data_dir: DataDir,
    endpoint: Annotated[
        str | None, typer.Option(help=f"Where the AWS APIs answer (first start: {DEFAULT_ENDPOINT}).")
    ] = None,
    region: Annotated[str | None, typer.Option(help="The region it plays (us-east-1).")] = None,
    account: Annotated[str | None, typer.Option(help="The account number it plays.")] = None,
    access_key: Annotated[str | None, typer.Option(help="Access key id, instead of the one made.")] = None,
    secret_key: Annotated[str | None, typer.Option(help="Secret key, instead of the one made.")] = None,
    runtime: Annotated[
        str, typer.Option(help="auto, docker or process; auto takes Docker where it answers.")
    ] = "auto",
    host_lost_after: Annotated[
        float, typer.Option(help="Seconds of an agent's silence after which its host counts as gone.")
    ] = 60.0,
    database_url: Annotated[
        str | None,
        typer.Option(help="Keep the state in PostgreSQL instead of SQLite: postgresql+psycopg://..."),
    ] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Return once the API answers.")] = False,
) -> None:
    """Start the AWS APIs, the load balancer and the agents, and restart whichever dies.

    Without --detach it stays in the foreground; Ctrl-C stops everything, tasks included, and keeps the
    data: the next `up` starts the services again. Two installations with different --data-dir run side
    by side.
    """
    data_dir = data_dir.absolute()
    try:
        upkeep.take_over(data_dir)
        if detach:
            _detach(data_dir)
            return
        chosen, listener = upkeep.choose_settings(
            data_dir,
            endpoint=endpoint,
            region=region,
            account=account,
            access_key=access_key,
            secret_key=secret_key,
            runtime=choose_runtime(runtime),
        )
    except (upkeep.UpError, SettingsError, RuntimeMissingError) as error:
        fail(str(error))
    processes.write(data_dir, "supervisor", os.getpid())
    for line in _welcome(data_dir, chosen.url, chosen.runtime):
        typer.echo(line)
    try:
        asyncio.run(upkeep.run(data_dir, chosen, listener, host_lost_after, database_url, _tell))
    finally:
        processes.forget(data_dir, "supervisor")


def _detach(data_dir: Path) -> None:
    """Start the same command without --detach in the background, and wait for its first answer."""
    log = Places(data_dir).logs / "supervisor.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    arguments = [argument for argument in sys.argv[1:] if argument != "--detach"]
    command = [sys.executable, "-m", "tidegate.cli.main", "up", *arguments]
    with log.open("ab") as output:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    deadline = time.monotonic() + _FIRST_ANSWER_SECONDS
    while time.monotonic() < deadline:
        if child.poll() is not None:
            fail(_last_line(log) or f"it ended at once: see {log}")
        supervisor = processes.read(data_dir, "supervisor")
        if supervisor is not None and supervisor.pid == child.pid and _answers(load(data_dir).url):
            chosen = load(data_dir)
            for line in _welcome(data_dir, chosen.url, chosen.runtime):
                typer.echo(line)
            return
        time.sleep(0.02)
    fail(f"the API did not answer within {_FIRST_ANSWER_SECONDS:g} s: see {log} and {log.parent}/control.log")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url + "/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()
    return lines[-1].removeprefix("tidegate: ") if lines else ""


def _welcome(data_dir: Path, url: str, runtime: str) -> list[str]:
    option = "" if data_dir == default_data_dir() else f" --data-dir {data_dir}"
    return [
        f"Tidegate answers on {url} (tasks run on: {runtime})",
        f'  for aws, boto3, Terraform:  eval "$(tidegate env{option})"',
        f"  what runs, and where:       tidegate status{option}",
    ]


def _tell(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)
