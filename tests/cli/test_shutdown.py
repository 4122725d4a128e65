"""What stops, whatever goes wrong on the way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tidegate.cli import processes
from tidegate.cli.places import Places
from tidegate.cli.shutdown import stop_everything


def test_the_balancer_stops_even_when_an_instance_cannot_be_ended(tmp_path: Path) -> None:
    balancer = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    processes.write(tmp_path, "balancer", balancer.pid)
    folder = Places(tmp_path).instance("i-1") / "containers"
    folder.mkdir(parents=True)
    (folder / "a file where a task's folder is").touch()
    with pytest.raises(NotADirectoryError):
        stop_everything(tmp_path)
    assert balancer.wait(5) == -15
    assert processes.names(tmp_path) == []
