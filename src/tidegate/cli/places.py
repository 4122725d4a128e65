"""Where an installation keeps its things: every path of a data directory, derived in one place."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path


def default_data_dir() -> Path:
    """`$XDG_DATA_HOME/tidegate`, or `~/.local/share/tidegate`."""
    home = os.environ.get("XDG_DATA_HOME")
    return (Path(home) if home else Path.home() / ".local" / "share") / "tidegate"


def command(words: str, data_dir: Path) -> str:
    """`tidegate WORDS` as one would type it for this directory."""
    option = "" if data_dir == default_data_dir() else f" --data-dir {shlex.quote(str(data_dir))}"
    return f"tidegate {words}{option}"


@dataclass(frozen=True, slots=True)
class Places:
    """The paths of one data directory."""

    root: Path

    @property
    def settings(self) -> Path:
        return self.root / "settings.json"

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def images(self) -> Path:
        return self.root / "images"

    @property
    def buckets(self) -> Path:
        return self.root / "s3"

    @property
    def haproxy_configuration(self) -> Path:
        return self.root / "balancer" / "haproxy.cfg"

    @property
    def instances(self) -> Path:
        return self.root / "instances"

    def instance(self, instance_id: str) -> Path:
        return self.instances / instance_id

    def killed(self, instance_id: str) -> Path:
        """The mark that `tidegate instance kill` leaves, so that nobody restarts that agent."""
        return self.instance(instance_id) / "killed"
