"""`tidegate down`."""

from __future__ import annotations

import shutil
import signal
import time
from pathlib import Path
from typing import Annotated

import typer

from tidegate.cli import processes
from tidegate.cli.instances import end_instance
from tidegate.cli.options import DataDir
from tidegate.cli.places import Places

app = typer.Typer(add_completion=False)

_PATIENCE_SECONDS = 60.0


@app.command()
def down(
    data_dir: DataDir,
    purge: Annotated[bool, typer.Option("--purge", help="Also remove the data, images included.")] = False,
) -> None:
    """Stop everything that runs: agents, tasks, the load balancer, the API. The data stays.

    The next `tidegate up` starts the services' tasks again.
    """
    data_dir = data_dir.absolute()
    supervisor = processes.read(data_dir, "supervisor")
    if supervisor is not None:
        supervisor.signal(signal.SIGTERM)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while supervisor.is_alive and time.monotonic() < deadline:
            time.sleep(0.05)
    _sweep(data_dir)
    if purge:
        shutil.rmtree(data_dir, ignore_errors=True)


def _sweep(data_dir: Path) -> None:
    """Stop what a supervisor that was killed has left behind."""
    for name in ("supervisor", "control"):
        _stop(data_dir, name)
    for name in processes.names(data_dir):
        if name.startswith("agent-"):
            _stop(data_dir, name)
    folder = Places(data_dir).instances
    for instance in sorted(folder.iterdir()) if folder.is_dir() else ():
        end_instance(data_dir, instance.name)
    _stop(data_dir, "balancer")


def _stop(data_dir: Path, name: str) -> None:
    process = processes.read(data_dir, name)
    if process is not None:
        processes.stop(process, 15.0)
    processes.forget(data_dir, name)
