"""Puts the web console into the wheel: built here, where it can be."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ConsoleHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs `scripts/console`. A wheel without a console works, and says that it has none."""

    def initialize(self, version: str, _: dict[str, Any]) -> None:
        if version == "editable":
            return
        try:
            subprocess.run([Path(self.root) / "scripts" / "console"], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            self.app.display_warning(f"The wheel is made without the web console: {error}")
