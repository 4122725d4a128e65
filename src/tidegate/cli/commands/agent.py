"""`tidegate agent`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from tidegate.agent.main import run
from tidegate.agent.settings import AgentSettings
from tidegate.cli.options import METRICS_LISTEN_HELP, check_metrics_listen, command_app, fail
from tidegate.cli.runtimes import RuntimeMissingError, choose_runtime

app = command_app()


@app.command()
def agent(
    data_dir: Annotated[Path, typer.Option(help="The agent's own directory; its name is the instance id.")],
    images: Annotated[Path, typer.Option(help="The process runtime's images.")],
    endpoint: Annotated[str, typer.Option(help="Control's URL.")],
    instance_id: Annotated[str, typer.Option(help="The EC2 instance id that it registers under.")],
    address: Annotated[str, typer.Option(help="The address that containers' ports are bound on.")],
    availability_zone: Annotated[str, typer.Option(help="The instance's zone.")],
    cluster: Annotated[str, typer.Option(help="The cluster to register with.")] = "default",
    instance_type: Annotated[str, typer.Option(help="The instance type that it shows.")] = "t2.micro",
    cpu: Annotated[int, typer.Option(help="CPU units to offer.")] = 1024,
    memory: Annotated[int, typer.Option(help="MiB to offer.")] = 983,
    runtime: Annotated[str, typer.Option(help="auto, docker or process.")] = "auto",
    metrics_listen: Annotated[str | None, typer.Option(metavar="HOST:PORT", help=METRICS_LISTEN_HELP)] = None,
) -> None:
    """Run one agent alone, as `tidegate up` does for each virtual instance.

    Its keys come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, its region from AWS_REGION; `tidegate
    env` prints them. SIGTERM ends the agent; its containers run on, and the next agent adopts them.
    """
    check_metrics_listen(metrics_listen)
    try:
        # One that is named need not answer yet: without an agent its host would count as lost.
        chosen = choose_runtime(runtime, known=runtime)
        access_key, secret_key = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
    except RuntimeMissingError as error:
        fail(str(error))
    except KeyError as error:
        fail(f"set {error.args[0]}: `tidegate env` prints it")
    run(
        AgentSettings(
            data_dir=data_dir.absolute(),
            images=images.absolute(),
            endpoint=endpoint.rstrip("/"),
            cluster=cluster,
            instance_id=instance_id,
            address=address,
            availability_zone=availability_zone,
            instance_type=instance_type,
            cpu=cpu,
            memory_mib=memory,
            runtime=chosen,
            region=os.environ.get("AWS_REGION", "us-east-1"),
            account=os.environ.get("TIDEGATE_ACCOUNT", "000000000000"),
            access_key=access_key,
            secret_key=secret_key,
            metrics_listen=metrics_listen,
        )
    )
