"""`tidegate image`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tidegate.agent.images import BuildError, build_image, list_images
from tidegate.cli.options import DataDir, fail, load_settings
from tidegate.cli.places import Places

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.command("build")
def build(
    data_dir: DataDir,
    directory: Annotated[Path, typer.Argument(help="A directory with a Dockerfile.")],
    tag: Annotated[str, typer.Option("-t", "--tag", help="NAME:TAG of the image.")],
    base: Annotated[
        str | None, typer.Option(help="Another base image than the Dockerfile's FROM (Docker only).")
    ] = None,
) -> None:
    """Build an image: with Docker as `docker build` does; on the process runtime a directory with its own
    virtual environment, from the same Dockerfile (FROM is not used; RUN installs Python packages)."""
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
