"""Where the console answers. Imports little: `tidegate up` prints it before anything else."""

from __future__ import annotations

from tidegate.cli.settings import Settings
from tidegate.fleet.hosting import CONSOLE_FOLDER, CONSOLE_PREFIX


def is_built() -> bool:
    """Whether this installation of Tidegate has the console's files."""
    return (CONSOLE_FOLDER / "index.html.gz").exists()


def console_url(settings: Settings) -> str:
    return f"{settings.url}{CONSOLE_PREFIX}"
