"""What the processes of an installation write to their logs."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import fields

import pytest

from tidegate.agent.settings import AgentSettings
from tidegate.cli.settings import Settings
from tidegate.control.settings import ControlSettings

# Runs a part whose job fails at once: its log line is all that is printed.
_A_FAILURE = """
import importlib, sys
from unittest import mock

main = importlib.import_module(f"tidegate.{sys.argv[1]}.main")

def fail(job):
    hidden = "wJalr" + "XUtnFEMI"
    try:
        raise ValueError("no luck")
    except ValueError:
        main._log.exception("a job failed", number=1)

with mock.patch("asyncio.run", fail), mock.patch.multiple(main, **{sys.argv[2]: mock.MagicMock()}):
    main.run(mock.MagicMock())
"""


@pytest.mark.parametrize(("part", "job"), [("agent", "serve"), ("balancer", "Balancer")])
def test_a_line_is_json_and_a_traceback_holds_no_variables(part: str, job: str) -> None:
    command = [sys.executable, "-c", _A_FAILURE, part, job]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    line = json.loads(done.stderr)
    assert (line["event"], line["level"], line["number"]) == ("a job failed", "error", 1)
    assert line["exception"].endswith("ValueError: no luck")
    assert "wJalrXUtnFEMI" not in line["exception"]


@pytest.mark.parametrize("settings", [AgentSettings, ControlSettings, Settings])
def test_settings_that_are_printed_do_not_tell_their_key(settings: type) -> None:
    assert [field.name for field in fields(settings) if not field.repr] == ["secret_key"]
