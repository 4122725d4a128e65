"""Options that every command shares."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from tidegate.cli import settings
from tidegate.cli.places import default_data_dir

DataDir = Annotated[
    Path,
    typer.Option(
        "--data-dir",
        help="The installation's directory.",
        default_factory=default_data_dir,
        show_default="~/.local/share/tidegate",
    ),
]


def fail(message: str) -> NoReturn:
    """Print what went wrong and what to do next, and exit 1."""
    typer.echo(f"tidegate: {message}", err=True)
    raise typer.Exit(1)


def load_settings(data_dir: Path) -> settings.Settings:
    """The installation's settings, or exit 1 with what to do."""
    try:
        return settings.load(data_dir)
    except settings.SettingsError as error:
        fail(str(error))
