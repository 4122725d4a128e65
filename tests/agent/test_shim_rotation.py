"""Rotations of a process's log that were cut off by a kill."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.agent.test_process_runtime import SETTINGS

from tidegate.agent.awslogs.files import Place, read_after, rotate
from tidegate.agent.process.runtime import ProcessRuntime
from tidegate.agent.process.shim import move_aside

FILES_MAX = 5


def numbered(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}") if number else log


def a_log(folder: Path, *numbers: int) -> Path:
    """A log with files of these numbers, which say their number."""
    log = folder / "main.log"
    for number in numbers:
        numbered(log, number).write_text(f"{number}\n")
    return log


@pytest.mark.parametrize("gap", range(1, FILES_MAX))
def test_a_gap_hides_no_older_file(tmp_path: Path, gap: int) -> None:
    log = a_log(tmp_path, *(number for number in range(FILES_MAX) if number != gap))
    wanted = "".join(f"{number}\n" for number in reversed(range(FILES_MAX)) if number != gap)
    assert read_after(log, Place(), 1000).content.decode() == wanted


@pytest.mark.parametrize("gap", range(1, FILES_MAX))
@pytest.mark.parametrize("is_shim", [True, False])
def test_the_next_rotation_closes_a_gap_and_drops_nothing(tmp_path: Path, gap: int, *, is_shim: bool) -> None:
    log = a_log(tmp_path, *(number for number in range(FILES_MAX) if number != gap))
    if is_shim:
        move_aside(str(log), FILES_MAX)
    else:
        rotate(log, FILES_MAX)
    found = {path.name: path.read_text() for path in tmp_path.iterdir()}
    below = {numbered(log, number + 1).name: f"{number}\n" for number in range(gap)}
    above = {numbered(log, number).name: f"{number}\n" for number in range(gap + 1, FILES_MAX)}
    assert found == below | above


async def test_a_shim_that_was_killed_between_two_files_leaves_a_newest_one(tmp_path: Path) -> None:
    """Whoever reads a log looks for it."""
    log = a_log(tmp_path, 1, 2)
    folder = tmp_path / "i-1" / "containers" / "t" / "main"
    folder.mkdir(parents=True)
    # No shim holds the lock, and none said how the container ended.
    (folder / "spec.json").write_text(json.dumps({"log": str(log)}))
    (folder / "running.json").write_text(json.dumps({"pid": 1, "shim": 1, "at": 0, "boot": "", "tick": ""}))
    runtime = ProcessRuntime(replace(SETTINGS, data_dir=tmp_path / "i-1"))
    await runtime.open(lambda _: None)
    states = await runtime.containers("t")
    await runtime.close()
    assert states["t", "main"].status == "stopped"
    assert log.read_text() == ""
    assert read_after(log, Place(), 100).content == b"2\n1\n"
