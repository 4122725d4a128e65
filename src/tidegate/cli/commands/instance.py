"""`tidegate instance`."""

from __future__ import annotations

from typing import Annotated

import typer

from tidegate.cli.instances import UnknownInstanceError, hosted, kill_instance
from tidegate.cli.options import DataDir, command_app, fail, load_settings

app = command_app("The virtual container instances of this host.")


@app.command("ls")
def ls(data_dir: DataDir) -> None:
    """List the virtual container instances of this host: id, status, agent.

    Start more with `aws ec2 run-instances`, their UserData naming the cluster.
    """
    load_settings(data_dir)
    instances = hosted(data_dir)
    if not instances:
        typer.echo("no instances yet: start some with `aws ec2 run-instances`", err=True)
    for instance in instances:
        pid = f"agent pid {instance.agent.pid}" if instance.agent else ""
        typer.echo(f"{instance.instance_id}  {instance.status:<8} {pid}".rstrip())


@app.command("kill")
def kill(
    data_dir: DataDir,
    instance_id: Annotated[str, typer.Argument(help="The instance id, i-...")],
) -> None:
    """Kill an instance as a power cut would: agent and containers at once, and no restart.

    After the host-lost threshold its tasks are stopped and replaced on other instances.
    """
    try:
        before = kill_instance(data_dir, instance_id)
    except UnknownInstanceError as error:
        fail(str(error))
    if before in ("killed", "ended"):
        typer.echo(f"{instance_id} was {before} already")
    else:
        typer.echo(f"killed {instance_id}")
