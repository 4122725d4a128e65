"""`tidegate demo`."""

from __future__ import annotations

from tidegate.cli.demo.command import demo
from tidegate.cli.options import command_app

app = command_app()
app.command()(demo)
