"""The console's behaviour under load, in the short form of `bench/console`."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from tests.system.browser import ROOT

from tidegate.cli.console_place import is_built

pytestmark = [pytest.mark.system, pytest.mark.browser, pytest.mark.timeout(300)]


def test_a_page_on_5000_changing_tasks_stays_small_and_asks_little() -> None:
    """Nothing grows, filter and selection stay, and it asks little: how quick it is, the long form judges."""
    if not is_built():
        message = "needs the console's files: scripts/console builds them"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    command = [sys.executable, str(ROOT / "bench/console"), "--short", "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=250, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
