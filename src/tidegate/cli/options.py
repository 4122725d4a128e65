"""What every command shares: how it looks, its options, how it fails."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from tidegate.cli import settings
from tidegate.cli.liveness import answers
from tidegate.cli.places import command, default_data_dir

_PATIENCE_SECONDS = 20.0
_PORT_MAX = 65_535
METRICS_LISTEN_HELP = "Where Prometheus reads /metrics; a free port of loopback's otherwise."


def command_app(about: str | None = None) -> typer.Typer:
    """The application of one command; `about` describes one that is a group of commands."""
    return typer.Typer(
        help=about,
        add_completion=False,
        no_args_is_help=about is not None,
        # Plain text: frames break lines that people copy, and the frames' library is slow to import.
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def _absolute(path: Path) -> Path:
    """Shells expand ~ in `--data-dir ~/x`, not in `--data-dir=~/x`."""
    return path.expanduser().absolute()


DataDir = Annotated[
    Path,
    typer.Option(
        "--data-dir",
        help="The installation's directory.",
        default_factory=default_data_dir,
        show_default="~/.local/share/tidegate",
        callback=_absolute,
    ),
]


def fail(message: str) -> NoReturn:
    """Print what went wrong and what to do next, and exit 1."""
    typer.echo(f"tidegate: {message}", err=True)
    raise typer.Exit(1)


def check_metrics_listen(listen: str | None) -> None:
    """Exit 1 unless the value of --metrics-listen is an address and a port."""
    if listen is not None:
        found = re.fullmatch(r"(?:\[[0-9A-Fa-f:.]+\]|[^:\[\]]+):(\d{1,5})", listen, re.ASCII)
        if found is None or int(found[1]) > _PORT_MAX:
            fail(f"--metrics-listen takes HOST:PORT, not {listen}")


def load_settings(data_dir: Path) -> settings.Settings:
    """The installation's settings, or exit 1 with what to do."""
    try:
        return settings.load(data_dir)
    except settings.SettingsError as error:
        fail(str(error))


def running_settings(data_dir: Path) -> settings.Settings:
    """The settings of an installation whose API answers, or exit 1 with what to do. While control restarts
    it is waited for."""
    known = load_settings(data_dir)
    if not answers(known.endpoint, _PATIENCE_SECONDS):
        fail(
            f"the API does not answer on {known.url}: `{command('up', data_dir)}` starts it; "
            f"when it should be up, `{command('status', data_dir)}` tells what is wrong"
        )
    return known
