"""`tidegate down`."""

from __future__ import annotations

import shutil
import signal
import time
from pathlib import Path
from typing import Annotated

import typer

from tidegate.cli import processes, settings
from tidegate.cli.instances import hosted, remove_containers
from tidegate.cli.options import DataDir, command_app, fail
from tidegate.cli.places import Places, command
from tidegate.cli.shutdown import stop_everything

app = command_app()

_PATIENCE_SECONDS = 60.0


@app.command()
def down(
    data_dir: DataDir,
    purge: Annotated[
        bool, typer.Option("--purge", help="Also remove the data: logs, containers, images of processes.")
    ] = False,
) -> None:
    """Stop everything that runs: agents, tasks, the load balancer, the API. The data stays.

    The next `tidegate up` starts the services' tasks again. With --purge nothing is left of the
    installation, its keys included.
    """
    if not data_dir.is_dir():
        typer.echo(f"nothing was started in {data_dir}")
        return
    was_up = bool(processes.names(data_dir))
    supervisor = processes.read(data_dir, "supervisor")
    if supervisor is not None:
        supervisor.signal(signal.SIGTERM)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while supervisor.is_alive and time.monotonic() < deadline:
            time.sleep(0.02)
        supervisor.signal(signal.SIGKILL)
    # What a supervisor that was killed has left behind.
    stop_everything(data_dir)
    processes.forget(data_dir, "supervisor")
    if purge:
        _purge(data_dir)
    elif was_up:
        typer.echo(f"stopped; what exists is kept, and `{command('up', data_dir)}` starts it again")
    else:
        typer.echo(f"nothing runs in {data_dir}")


def _purge(data_dir: Path) -> None:
    """Remove what Tidegate made, when this is really one of its directories: the option may name any."""
    places = Places(data_dir)
    if any(data_dir.iterdir()) and not _is_installation(data_dir):
        fail(f"{data_dir} holds no installation of Tidegate: remove it yourself if you mean to")
    for instance in hosted(data_dir):
        remove_containers(data_dir, instance.instance_id)
    others = places.others()
    try:
        for path in places.ours():
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        if not others:
            data_dir.rmdir()
    except OSError as error:
        fail(f"{data_dir} could not be removed whole ({error}): containers may have written there as root")
    kept = f"what Tidegate made in {data_dir} removed; not its own: {', '.join(others)}"
    typer.echo(f"stopped, and {kept if others else f'{data_dir} removed'}")


def _is_installation(data_dir: Path) -> bool:
    try:
        settings.load(data_dir)
    except settings.SettingsError:
        return False
    return True
