"""The story's checks can fail: with a fault planted in control, the right act does.

A fault is a `sitecustomize` module that Python imports before the product; the product knows nothing
of it. A fault that no longer finds what it spoils is not planted, and the act that should fail passes.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

FAULTS = Path(__file__).parent / "faults"
_SECONDS_MAX = 200


@pytest.mark.parametrize(
    ("fault", "act", "said"),
    [
        ("started_twice", 6, r"4 tasks were started instead of 2"),
        # 503 while no target is known to be healthy, 502 once requests go to one that does not listen yet.
        ("health_ignored", 6, r"/ping answered 50[23]"),
        ("no_drain", 6, r"has begun draining connections on 1 tasks\."),
    ],
)
def test_the_right_act_fails(fault: str, act: int, said: str, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", "tidegate.cli.main", "demo", "--check", "--runtime", "process"]
    command += ["--until", str(act), "--data-dir", str(tmp_path / "d"), "--report", str(report)]
    path = os.pathsep.join([str(FAULTS / fault), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=_SECONDS_MAX,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.returncode == 1, done.stdout[-4000:]
    endings = json.loads(report.read_text())
    assert [ending["status"] for ending in endings] == [*["done"] * (act - 1), "failed"], endings
    assert re.search(said, " ".join(endings[-1]["figures"])), endings[-1]
