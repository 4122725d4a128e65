"""`tidegate deploy`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from tidegate.cli.clients import aws_client
from tidegate.cli.deployment import DeployError, Rollout, read_definition
from tidegate.cli.options import DataDir, command_app, fail, running_settings
from tidegate.cli.target_notes import TargetNotes

app = command_app()

_LOOK_SECONDS = 0.5


@app.command()
def deploy(
    data_dir: DataDir,
    file: Annotated[Path, typer.Argument(help="A task definition in the form of --cli-input-json.")],
    service: Annotated[str, typer.Option(help="The service to update.")],
    cluster: Annotated[str, typer.Option(help="Its cluster.")] = "default",
    timeout: Annotated[float, typer.Option(help="Seconds to wait for the deployment.")] = 900.0,
) -> None:
    """Register FILE as a new revision, update the service, wait, and print its events live.

    FILE is JSON as `aws ecs register-task-definition --cli-input-json` takes it, or as `aws ecs
    describe-task-definition` prints it. Exits 1 when the deployment fails, is rolled back or replaced, or
    takes longer than the timeout, which does not end it.

    \b
    tidegate deploy ecs_taskdefinition.json --cluster shop --service shop
    """
    settings = running_settings(data_dir)
    ecs, elbv2, ec2 = (aws_client(name, settings) for name in ("ecs", "elbv2", "ec2"))
    deadline = time.monotonic() + timeout
    try:
        rollout = Rollout(ecs, cluster, service, typer.echo, TargetNotes(elbv2, ec2).of)
        rollout.begin(read_definition(file))
        while not rollout.is_complete():
            if time.monotonic() > deadline:
                fail(rollout.standing)
            time.sleep(_LOOK_SECONDS)
    except DeployError as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail(f"no longer waiting: {rollout.standing}")
