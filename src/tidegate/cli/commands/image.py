"""`tidegate image`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tidegate.agent.images import BuildError, build_image, list_images
from tidegate.cli.options import DataDir, command_app, fail, load_settings
from tidegate.cli.places import Places

app = command_app("The images that tasks run from.")


@app.command("build")
def build(
    data_dir: DataDir,
    directory: Annotated[Path, typer.Argument(help="A directory with a Dockerfile.")],
    tag: Annotated[str, typer.Option("-t", "--tag", help="NAME:TAG of the image.")],
    base: Annotated[
        str | None, typer.Option(help="Another base image than the Dockerfile's FROM (Docker only).")
    ] = None,
) -> None:
    """Build an image that task definitions can name.

    With Docker as `docker build` does. On the process runtime, from the same Dockerfile, a directory with
    its own virtual environment: FROM is not used, and RUN installs Python packages. A name of the form
    ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG in a task definition finds what was built as NAME:TAG.

    \b
    tidegate image build . -t my-service:1
    """
    settings = load_settings(data_dir)
    try:
        build_image(
            directory.absolute(),
            tag,
            runtime=settings.runtime,
            images=Places(data_dir).images,
            base=base,
            tell=typer.echo,
        )
    except BuildError as error:
        fail(str(error))
    typer.echo(f"built {tag}")


@app.command("ls")
def ls(data_dir: DataDir) -> None:
    """List the images that tasks can run from."""
    settings = load_settings(data_dir)
    try:
        for name in list_images(runtime=settings.runtime, images=Places(data_dir).images):
            typer.echo(name)
    except BuildError as error:
        fail(str(error))
