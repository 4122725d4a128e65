"""`tidegate demo`."""

from __future__ import annotations

import typer

from tidegate.cli.demo.command import demo

app = typer.Typer(add_completion=False)
app.command()(demo)
