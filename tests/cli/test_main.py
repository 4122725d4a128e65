from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tidegate.cli.main import COMMANDS


def tidegate(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tidegate.cli.main", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("arguments", [(), ("--help",), ("help",)])
def test_without_a_command_every_command_is_listed(arguments: tuple[str, ...]) -> None:
    done = tidegate(*arguments)
    assert done.returncode == 0
    assert re.findall(r"^  (\w+) ", done.stdout, re.MULTILINE) == list(COMMANDS)


def test_an_unknown_command_is_named_and_exits_2() -> None:
    done = tidegate("upp")
    assert done.returncode == 2
    assert "no such command: upp" in done.stderr


def test_the_version_is_told() -> None:
    assert re.fullmatch(r"tidegate \d+\.\d+\.\d+\n", tidegate("--version").stdout)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_in_whole_sentences(name: str) -> None:
    module = importlib.import_module(f"tidegate.cli.commands.{name}")
    done = CliRunner().invoke(module.app, ["--help"])
    assert done.exit_code == 0
    assert "Usage" in done.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("env",),
        ("ca",),
        ("status",),
        ("image", "ls"),
        ("deploy", "file.json", "--service", "s"),
        ("balancer",),
        ("control", "--listen", "127.0.0.1:0"),
    ],
)
def test_before_the_first_start_errors_say_what_to_run(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = tidegate(*arguments, "--data-dir", str(tmp_path))
    assert done.returncode == 1
    assert done.stderr == f"tidegate: nothing was started in {tmp_path} yet: run `tidegate up`\n"


def test_the_start_of_up_imports_no_client_and_no_server() -> None:
    """They would delay the first answer: control is spawned before."""
    code = "import json, sys, tidegate.cli.commands.up; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"aiohttp", "boto3", "botocore", "sqlalchemy", "uvicorn", "rich"}
    assert heavy & set(json.loads(done.stdout)) == set()


def test_an_agent_imports_nothing_of_control() -> None:
    code = "import json, sys, tidegate.cli.commands.agent; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = json.loads(done.stdout)
    assert [name for name in loaded if name.startswith(("tidegate.control", "sqlalchemy", "boto3"))] == []
