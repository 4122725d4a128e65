from __future__ import annotations

import importlib
import json
import os
import re
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tidegate.cli import processes, settings
from tidegate.cli.main import COMMANDS
from tidegate.cli.settings import Settings

SETTINGS = Settings(
    endpoint="127.0.0.1:7400",
    region="us-east-1",
    account="000000000000",
    access_key="AKIA",
    secret_key="secret",
    network="127.80",
    runtime="process",
)


def tidegate(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tidegate.cli.main", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("arguments", [(), ("--help",), ("help",)])
def test_without_a_command_every_command_is_listed(arguments: tuple[str, ...]) -> None:
    done = tidegate(*arguments)
    assert done.returncode == 0
    assert re.findall(r"^  (\w+) ", done.stdout, re.MULTILINE) == list(COMMANDS)


def test_the_letter_h_helps_too_and_a_group_without_a_command_helps_by_itself() -> None:
    assert tidegate("-h").stdout == tidegate("--help").stdout
    assert tidegate("deploy", "-h").stdout == tidegate("deploy", "--help").stdout
    assert "kill" in tidegate("instance").stderr + tidegate("instance").stdout


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
    usage, about, *_ = done.output.split("\n\n")
    assert usage.startswith("Usage: ")
    assert re.fullmatch(r"  [A-Z][^.]+(\.[^.]+)*\.", about.rstrip()), about


@pytest.mark.parametrize(
    "arguments",
    [
        ("env",),
        ("ca",),
        ("status",),
        ("image", "ls"),
        ("deploy", "file.json", "--service", "s"),
        ("balancer",),
        ("control",),
        ("control", "--listen", "127.0.0.1:0"),
        ("logs", "shop"),
    ],
)
def test_before_the_first_start_errors_say_what_to_run(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = tidegate(*arguments, "--data-dir", str(tmp_path))
    assert done.returncode == 1
    assert (
        done.stderr
        == f"tidegate: nothing was started in {tmp_path} yet: run `tidegate up --data-dir {tmp_path}`\n"
    )


@pytest.mark.parametrize("arguments", [("deploy", "file.json", "--service", "s"), ("logs", "shop")])
def test_while_nothing_runs_errors_say_what_to_run(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        endpoint = f"127.0.0.1:{free.getsockname()[1]}"
        settings.save(tmp_path, replace(SETTINGS, endpoint=endpoint))
        done = tidegate(*arguments, "--data-dir", str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"tidegate: the API does not answer on http://{endpoint}: `tidegate up --data-dir {tmp_path}` starts"
    )


def test_the_data_directory_is_found_from_wherever_it_is_named(tmp_path: Path) -> None:
    for named in ("--data-dir=~/data", f"--data-dir={tmp_path}/data"):
        command = [sys.executable, "-m", "tidegate.cli.main", "env", named]
        environment = {**os.environ, "HOME": str(tmp_path)}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        assert f"nothing was started in {tmp_path}/data yet" in done.stderr


def test_down_says_what_it_found_and_is_no_error_twice(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    settings.save(data_dir, SETTINGS)
    sleeper = subprocess.Popen(["sleep", "60"])
    processes.write(data_dir, "balancer", sleeper.pid)
    said = [tidegate("down", "--data-dir", str(data_dir)) for _ in range(2)]
    said.append(tidegate("down", "--purge", "--data-dir", str(data_dir)))
    said.append(tidegate("down", "--purge", "--data-dir", str(data_dir)))
    assert sleeper.wait(5) != 0
    assert [done.returncode for done in said] == [0, 0, 0, 0]
    assert [done.stdout.split(" ")[0:2] for done in said] == [
        ["stopped;", "what"],
        ["nothing", "runs"],
        ["stopped,", "and"],
        ["nothing", "was"],
    ]
    assert not data_dir.exists()


def test_down_removes_no_directory_that_is_not_an_installation(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    done = tidegate("down", "--purge", "--data-dir", str(tmp_path))
    assert done.returncode == 1
    assert "holds no installation of Tidegate" in done.stderr
    assert (tmp_path / "thesis.txt").exists()
    (tmp_path / "settings.json").write_text('{"editor.tabSize": 2}')
    assert tidegate("down", "--purge", "--data-dir", str(tmp_path)).returncode == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["settings.json", "thesis.txt"]


def test_down_leaves_what_somebody_else_keeps_in_an_installation(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    settings.save(data_dir, SETTINGS)
    (data_dir / "thesis.txt").write_text("years of work")
    (data_dir / "control").mkdir()
    done = tidegate("down", "--purge", "--data-dir", str(data_dir))
    assert done.returncode == 0
    assert "not its own: thesis.txt" in done.stdout
    assert [path.name for path in data_dir.iterdir()] == ["thesis.txt"]


def test_up_takes_no_directory_that_holds_something_else(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    done = tidegate("up", "--detach", "--endpoint", "127.0.0.1:0", "--data-dir", str(tmp_path))
    assert done.returncode == 1
    assert "holds what is not Tidegate's (thesis.txt)" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_start_of_up_imports_no_client_and_no_server() -> None:
    """They would delay the first answer: control is spawned before."""
    code = "import json, sys, tidegate.cli.commands.up; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"aiohttp", "boto3", "botocore", "sqlalchemy", "uvicorn", "rich", "asyncio", "ssl"}
    assert heavy & set(json.loads(done.stdout)) == set()


@pytest.mark.parametrize("name", ["control", "agent", "balancer"])
def test_what_up_keeps_running_starts_without_colours_that_nobody_sees(name: str) -> None:
    code = (
        "import sys; from tidegate.cli.main import command_module; "
        f"command_module('{name}'); print('rich' in sys.modules, 'structlog' in sys.modules); import rich"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False True\n"


def test_an_agent_imports_nothing_of_control() -> None:
    code = "import json, sys, tidegate.cli.commands.agent; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = json.loads(done.stdout)
    assert [name for name in loaded if name.startswith(("tidegate.control", "sqlalchemy", "boto3"))] == []
