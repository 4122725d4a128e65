"""Where an installation keeps its things: every path of a data directory, derived in one place."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
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


def command_line(words: str, data_dir: Path) -> str:
    """The same as a shell finds it from here, also where the program is in no directory of its PATH."""
    program = Path(sys.executable).with_name("tidegate")
    found = shutil.which("tidegate")
    is_found = found is not None and Path(found).resolve() == program.resolve()
    name = "tidegate" if is_found or not program.exists() else os.path.relpath(program)
    return f"{name} {command(words, data_dir).removeprefix('tidegate ')}"


# Whatever else is in a data directory is its owner's.
_OURS = frozenset(
    [
        *("balancer", "control", "demo", "images", "instances", "logs", "run", "s3"),
        *("settings.json", "switched-off.json"),
    ]
)


@dataclass(frozen=True, slots=True)
class Places:
    """The paths of one data directory."""

    root: Path

    def ours(self) -> list[Path]:
        """What Tidegate has made here, the settings last, files that were being written included."""
        found = [path for path in self.root.iterdir() if path.name.removeprefix(".") in _OURS]
        return sorted(found, key=lambda path: path == self.settings)

    def others(self) -> list[str]:
        """The names of what somebody else keeps here."""
        return sorted({path.name for path in self.root.iterdir()} - {path.name for path in self.ours()})

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
        return self.balancer / "haproxy.cfg"

    @property
    def demo(self) -> Path:
        """What the demo keeps beside the installation that it made."""
        return self.root / "demo"

    @staticmethod
    def metrics_url(folder: Path) -> Path:
        """Says where Prometheus reads the figures of the process whose folder this is."""
        return folder / "metrics.url"

    @property
    def balancer(self) -> Path:
        return self.root / "balancer"

    @property
    def instances(self) -> Path:
        return self.root / "instances"

    def instance(self, instance_id: str) -> Path:
        return self.instances / instance_id

    def killed(self, instance_id: str) -> Path:
        """The mark that `tidegate instance kill` leaves, so that nobody restarts that agent."""
        return self.instance(instance_id) / "killed"
