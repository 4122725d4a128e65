"""`tidegate env`."""

from __future__ import annotations

import shlex

import typer

from tidegate.cli.options import DataDir, command_app, load_settings

app = command_app()


@app.command()
def env(data_dir: DataDir) -> None:
    """Print the exports that point every AWS client at this installation.

    Endpoint, keys and region, for the aws CLI, boto3, Terraform and all others:

    \b
    eval "$(tidegate env)"
    aws ecs list-clusters
    """
    settings = load_settings(data_dir)
    exports = {
        "AWS_ENDPOINT_URL": settings.url,
        "AWS_ACCESS_KEY_ID": settings.access_key,
        "AWS_SECRET_ACCESS_KEY": settings.secret_key,
        "AWS_REGION": settings.region,
        "AWS_DEFAULT_REGION": settings.region,
        # Without these a client that misses its keys waits for EC2's metadata service, and one that
        # prefixes host names looks for a name that nobody resolves.
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
    }
    for name, value in exports.items():
        typer.echo(f"export {name}={shlex.quote(value)}")
