"""`tidegate control`."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from tidegate.cli.options import (
    METRICS_LISTEN_HELP,
    DataDir,
    check_metrics_listen,
    command_app,
    fail,
    load_settings,
)
from tidegate.control.server import run
from tidegate.control.settings import ControlSettings, RegionSettings, SettingsError

app = command_app()


@app.command()
def control(
    data_dir: DataDir,
    listen: Annotated[
        str | None, typer.Option(help="HOST:PORT to answer on; this installation's otherwise.")
    ] = None,
    listen_fd: Annotated[int | None, typer.Option(help="An inherited listening socket instead.")] = None,
    database_url: Annotated[
        str | None,
        typer.Option(
            envvar="TIDEGATE_DATABASE_URL",
            help="postgresql+psycopg://...; this installation's otherwise.",
        ),
    ] = None,
    host_lost_after: Annotated[
        float, typer.Option(help="Seconds of an agent's silence after which its host counts as gone.")
    ] = 60.0,
    scaling_speed: Annotated[
        float, typer.Option(help="How many times as fast as on AWS scaling policies act.")
    ] = 1.0,
    metrics_listen: Annotated[
        str | None,
        typer.Option(envvar="TIDEGATE_CONTROL_METRICS_LISTEN", metavar="HOST:PORT", help=METRICS_LISTEN_HELP),
    ] = None,
) -> None:
    """Run the control process alone: the APIs, the state, the decisions.

    `tidegate up` runs it so, with the socket that it holds. It needs an installation that was started
    once, whose keys it takes unless AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY name others. With
    PostgreSQL a second one waits as standby until the first is gone.
    """
    known = load_settings(data_dir)
    if listen is None and listen_fd is None:
        listen = known.endpoint
    check_metrics_listen(metrics_listen)
    try:
        settings = ControlSettings(
            region=RegionSettings(
                region=known.region, account=known.account, network=known.network, endpoint=known.endpoint
            ),
            data_dir=data_dir,
            access_key=os.environ.get("AWS_ACCESS_KEY_ID", known.access_key),
            secret_key=os.environ.get("AWS_SECRET_ACCESS_KEY", known.secret_key),
            listen_fd=listen_fd,
            listen=listen,
            database_url=database_url or known.database_url or None,
            host_lost_after_seconds=host_lost_after,
            scaling_speed=scaling_speed,
            metrics_listen=metrics_listen,
        )
    except SettingsError as error:
        fail(str(error))
    run(settings)
