"""The whole story on a real Tidegate, once per runtime: every act is a test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

REPORTS = Path(os.environ.get("TIDEGATE_STORY_REPORT", "/tmp/tidegate-story"))
ACTS = range(1, 12)


@cache
def _endings(runtime: str) -> dict[int, dict[str, Any]]:
    report = REPORTS / f"{runtime}.json"
    report.unlink(missing_ok=True)
    directory = REPORTS / f"data-{runtime}"
    command = [sys.executable, "-m", "tidegate.cli.main", "demo", "--check", "--runtime", runtime]
    command += ["--data-dir", str(directory), "--report", str(report)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=800, check=False)
    print(done.stdout[-8000:], done.stderr[-4000:])
    if not report.exists():
        pytest.fail(f"the demo ended before its table: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return {ending["number"]: ending for ending in json.loads(report.read_text())}


@pytest.mark.parametrize("act", ACTS)
def test_story_act_on_processes(act: int) -> None:
    ending = _endings("process")[act]
    assert ending["status"] == "done", ending["figures"]


@pytest.mark.docker
@pytest.mark.parametrize("act", ACTS)
def test_story_act_on_docker(act: int) -> None:
    ending = _endings("docker")[act]
    assert ending["status"] == "done", ending["figures"]
