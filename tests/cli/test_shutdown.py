"""What stops, whatever goes wrong on the way."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tidegate.balancer.documents import Documents
from tidegate.cli import processes
from tidegate.cli.places import Places
from tidegate.cli.shutdown import stop_everything
from tidegate.fleet.balancing import GroupDocument, GroupTarget, HealthCheckDocument
from tidegate.fleet.power import read_mark


def test_what_was_switched_off_is_kept_for_the_next_start(tmp_path: Path) -> None:
    Places(tmp_path).instance("i-1").mkdir(parents=True)
    documents = Documents(Places(tmp_path).haproxy_configuration.parent)
    documents.load()
    targets = [GroupTarget(id=name, port=80, address="127.0.0.1") for name in ("i-1", "i-elsewhere")]
    group = GroupDocument(
        target_group_arn="arn/1", generation=1, health_check=HealthCheckDocument(), targets=tuple(targets)
    )
    documents.take_group(group)
    before = time.time()
    stop_everything(tmp_path)
    off = read_mark(tmp_path)
    assert off is not None
    assert off.instance_ids == ("i-1",)
    assert before <= off.at <= time.time()
    documents.load()
    assert documents.groups["arn/1"].targets == tuple(targets[1:])


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
