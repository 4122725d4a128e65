"""`tidegate balancer`."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from tidegate.balancer.decisions.configuration import HEADER_KIB, HEADER_KIB_MAX
from tidegate.balancer.haproxy.binary import HaproxyMissingError
from tidegate.balancer.logs.settings import INTERVAL_SECONDS
from tidegate.balancer.main import run
from tidegate.balancer.settings import BalancerSettings
from tidegate.cli.options import (
    METRICS_LISTEN_HELP,
    DataDir,
    check_metrics_listen,
    command_app,
    fail,
    load_settings,
)
from tidegate.cli.places import Places

app = command_app()


@app.command()
def balancer(
    data_dir: DataDir,
    endpoint: Annotated[
        str | None, typer.Option(help="Control's URL; this installation's otherwise.")
    ] = None,
    s3_endpoint: Annotated[
        str | None,
        typer.Option(
            envvar="TIDEGATE_S3_ENDPOINT", help="An S3-compatible URL that has the buckets of logs."
        ),
    ] = None,
    log_interval: Annotated[
        int,
        typer.Option(
            envvar="TIDEGATE_LOG_INTERVAL", min=1, help="Seconds after which logs come to their buckets."
        ),
    ] = INTERVAL_SECONDS,
    metrics_listen: Annotated[
        str | None,
        typer.Option(envvar="TIDEGATE_METRICS_LISTEN", metavar="HOST:PORT", help=METRICS_LISTEN_HELP),
    ] = None,
    header_kib: Annotated[
        int,
        typer.Option(
            envvar="TIDEGATE_HEADER_KIB",
            min=HEADER_KIB,
            max=HEADER_KIB_MAX,
            help="KiB that all headers of a request, or of a response, may have. More costs each request.",
        ),
    ] = HEADER_KIB,
) -> None:
    """Run the balancer alone: HAProxy, health checks, draining.

    `tidegate up` runs it so. It needs an installation that was started once, whose keys it takes unless
    AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY name others. It goes on serving while control is away.

    The keys of an S3 endpoint are TIDEGATE_S3_ACCESS_KEY_ID and TIDEGATE_S3_SECRET_ACCESS_KEY.
    """
    known = load_settings(data_dir)
    check_metrics_listen(metrics_listen)
    try:
        run(
            BalancerSettings(
                data_dir=data_dir / "balancer",
                endpoint=(endpoint or known.url).rstrip("/"),
                region=known.region,
                access_key=os.environ.get("AWS_ACCESS_KEY_ID", known.access_key),
                secret_key=os.environ.get("AWS_SECRET_ACCESS_KEY", known.secret_key),
                buckets=Places(data_dir).buckets,
                s3_endpoint=s3_endpoint,
                log_interval_seconds=log_interval,
                metrics_listen=metrics_listen,
                header_kib=header_kib,
            )
        )
    except HaproxyMissingError as error:
        fail(str(error))
