"""`tidegate up`."""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from tidegate.cli import parts, processes
from tidegate.cli.console_place import console_url, is_built
from tidegate.cli.liveness import answers
from tidegate.cli.options import DataDir, command_app, fail
from tidegate.cli.places import Places, command
from tidegate.cli.runtimes import RuntimeMissingError, docker_version
from tidegate.cli.settings import DEFAULT_ENDPOINT, Settings, SettingsError
from tidegate.cli.starting import Start, StartError, Wishes, begin

app = command_app()

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
        str | None,
        typer.Option(help="auto, docker or process; auto takes Docker where it answers (first start: auto)."),
    ] = None,
    host_lost_after: Annotated[
        float,
        typer.Option(min=0.1, help="Seconds of an agent's silence after which its host counts as gone."),
    ] = 60.0,
    scaling_speed: Annotated[
        float,
        typer.Option(min=1, max=12, help="How many times as fast as on AWS scaling policies act."),
    ] = 1.0,
    database_url: Annotated[
        str | None,
        typer.Option(help="Keep the state in PostgreSQL instead of SQLite: postgresql+psycopg://..."),
    ] = None,
    opens: Annotated[bool, typer.Option("--open", help="Open the console in a browser, signed in.")] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Return once the API answers.")] = False,
) -> None:
    """Start the AWS APIs, the load balancer and the agents, and restart whichever dies.

    Without --detach it stays in the foreground; Ctrl-C stops everything, tasks included, and keeps the
    data: the next `up` starts the services again.

    Endpoint, keys, region, account, runtime and database are chosen on the first start and kept in
    settings.json of the data directory. Two installations with different --data-dir and --endpoint run side
    by side.

    The balancer's options are taken from the environment: see `tidegate balancer --help`.

    \b
    tidegate up --detach
    eval "$(tidegate env)"
    aws ecs list-clusters
    """
    try:
        wishes = Wishes(
            endpoint=endpoint,
            region=region,
            account=account,
            access_key=access_key,
            secret_key=secret_key,
            runtime=runtime,
            database_url=database_url,
        )
        start = begin(data_dir, wishes)
    except (StartError, SettingsError, RuntimeMissingError) as error:
        fail(str(error))
    for warning in _warnings(start):
        typer.echo(f"tidegate: {warning}", err=True)
    if detach and _is_parent(data_dir):
        _wait_for_answer(data_dir, start)
        _welcome(data_dir, start.chosen)
        if opens:
            _open_console(data_dir).wait()
        return
    pace = parts.Pace(host_lost_after_seconds=host_lost_after, scaling_speed=scaling_speed)
    _stay(data_dir, start, pace, opens=opens and not detach)


def _stay(data_dir: Path, start: Start, pace: parts.Pace, *, opens: bool) -> None:
    # Detached, this goes to the supervisor's log.
    _welcome(data_dir, start.chosen)
    processes.write(data_dir, "supervisor", os.getpid())
    if opens:
        _open_console(data_dir)
    try:
        _keep_running(data_dir, start, pace)
    finally:
        processes.forget(data_dir, "supervisor")


def _keep_running(data_dir: Path, start: Start, pace: parts.Pace) -> None:
    control = parts.control(data_dir, start.chosen, start.listener, pace)
    with _signals_held_back():
        try:
            started = parts.start(data_dir, control)
        except OSError:
            # The supervisor tries again, and tells.
            started = None
    # An event loop is slow to import: control starts meanwhile.
    upkeep = importlib.import_module("tidegate.cli.upkeep")
    asyncio = importlib.import_module("asyncio")
    asyncio.run(upkeep.run(data_dir, start.chosen, control, started, _tell))


@contextlib.contextmanager
def _signals_held_back() -> Iterator[None]:
    """Hold back what stops us until the loop hears it: it would leave behind a control that nobody keeps."""
    early: list[int] = []
    # What is started within would inherit a mask, and be deaf. It does not inherit handlers.
    before = {
        number: signal.signal(number, lambda heard, _: early.append(heard)) for number in parts.STOP_SIGNALS
    }
    yield
    signal.pthread_sigmask(signal.SIG_BLOCK, parts.STOP_SIGNALS)
    for number, handler in before.items():
        signal.signal(number, handler)
    for heard in early:
        signal.raise_signal(heard)


def _warnings(start: Start) -> Iterator[str]:
    runtime = start.chosen.runtime
    if start.left is not None:
        yield (
            f"tasks run on {runtime} from now on, and ran on {start.left} until now: images are not shared, "
            f"so build them again, or go back with --runtime {start.left}"
        )
    if runtime == "docker" and docker_version() is None:
        yield "Docker does not answer: start it; tasks start again by themselves"


def _is_parent(data_dir: Path) -> bool:
    """Go on as a process in the background as well; what is open stays open in both."""
    sys.stdout.flush()
    sys.stderr.flush()
    if os.fork() > 0:
        return True
    os.setsid()
    log = Places(data_dir).logs / "supervisor.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    return False


def _wait_for_answer(data_dir: Path, start: Start) -> None:
    """Return when the API has answered. Its socket is there already: the request waits in it."""
    # While it is ours too, the end of the supervisor would leave the request waiting.
    start.listener.close()
    if answers(start.chosen.endpoint, _FIRST_ANSWER_SECONDS):
        return
    log = Places(data_dir).logs / "control.log"
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    said = f" ({lines[-1].strip()})" if lines else ""
    fail(
        f"the API did not answer within {_FIRST_ANSWER_SECONDS:g} s{said}: see {log} and "
        f"{log.with_name('supervisor.log')}; `{command('down', data_dir)}` stops what runs"
    )


def _welcome(data_dir: Path, chosen: Settings) -> None:
    typer.echo(f"Tidegate answers on {chosen.url} (tasks run on: {chosen.runtime})")
    if is_built():
        typer.echo(
            f"  the console:                {console_url(chosen)} (signed in: {command('console', data_dir)})"
        )
    typer.echo(f'  for aws, boto3, Terraform:  eval "$({command("env", data_dir)})"')
    typer.echo(f"  what runs, and where:       {command('status', data_dir)}")
    typer.echo(f"  stop it:                    {command('down', data_dir)}")


def _open_console(data_dir: Path) -> subprocess.Popen[bytes]:
    """Have a process of its own wait for the API and show the console in a browser, or say why not."""
    command = [sys.executable, "-m", "tidegate.cli.main", "console", "--data-dir", str(data_dir)]
    return subprocess.Popen(command)


def _tell(text: str) -> None:
    # Neither a full disk nor a terminal that is gone stops what runs.
    with contextlib.suppress(OSError):
        print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)
