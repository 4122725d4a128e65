"""The whole story on a real Tidegate, once per runtime: every act is a test."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.system.conftest import tidegate

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

ACTS = range(1, 14)
LINKED_CONTAINERS = 11


@dataclass(frozen=True, slots=True)
class Played:
    """How the demo ended, and what it printed."""

    endings: dict[int, dict[str, Any]]
    output: str
    code: int


Play = Callable[[str], Played]


@pytest.fixture(scope="module")
def play() -> Iterator[Play]:
    """Plays the demo on a runtime, at most once; reports go where TIDEGATE_STORY_REPORT says."""
    # Not pytest's directory: a UNIX socket's path is short.
    folder = Path(tempfile.mkdtemp(prefix="tidegate-story-", dir="/tmp"))
    reports = Path(os.environ.get("TIDEGATE_STORY_REPORT", folder))

    @cache
    def once(runtime: str) -> Played:
        report = reports / f"{runtime}.json"
        command = [sys.executable, "-m", "tidegate.cli.main", "demo", "--check", "--runtime", runtime]
        command += ["--data-dir", str(folder / runtime), "--report", str(report)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=800, check=False)
        finally:
            tidegate(folder / runtime, "down", "--purge", check=False)
        output = done.stdout[-20_000:] + done.stderr[-4000:]
        endings = json.loads(report.read_text()) if report.exists() else []
        return Played({ending["number"]: ending for ending in endings}, output, done.returncode)

    yield once
    shutil.rmtree(folder, ignore_errors=True)


def assert_ended(played: Played, act: int, status: str = "done") -> None:
    assert act in played.endings, f"the demo ended before its table: {played.output}"
    ending = played.endings[act]
    # What was printed shows why an act failed; those after it were not played and have nothing to tell.
    assert ending["status"] != "failed", f"{ending['figures']}\n{played.output}"
    assert ending["status"] == status


@pytest.mark.parametrize("act", ACTS)
def test_story_act_on_processes(play: Play, act: int) -> None:
    assert_ended(play("process"), act, "skipped" if act == LINKED_CONTAINERS else "done")


def test_a_story_with_a_skipped_act_is_a_success(play: Play) -> None:
    assert play("process").code == 0, play("process").output


@pytest.mark.docker
@pytest.mark.parametrize("act", ACTS)
def test_story_act_on_docker(play: Play, act: int) -> None:
    assert_ended(play("docker"), act)
