"""How acts end, and what is made of it: the table, the report, whether all is well."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.console import Console

from tidegate.cli.demo.acts.linked_containers import LinkedContainers
from tidegate.cli.demo.play import Ending, play, table, write_report
from tidegate.cli.demo.story import (
    AWS_TIMINGS,
    DEMO_TIMINGS,
    ActFailedError,
    ActSkippedError,
    Stage,
    Story,
    Timings,
)
from tidegate.control.settings import SCALING_SPEED_MAX


class Sample:
    """An act that ends as it was told to."""

    def __init__(self, number: int, error: Exception | None = None) -> None:
        self.number = number
        self.title = f"Act of number {number}"
        self._error = error

    def play(self, _: Story) -> Sequence[str]:
        if self._error is not None:
            raise self._error
        return ["3 of 3 counted"]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(
        endpoint="http://127.0.0.1:9",
        region="us-east-1",
        account="000000000000",
        access_key="a",
        secret_key="s",
        data_dir=tmp_path,
        runtime="process",
        image="users:1",
        database_image=None,
        timings=DEMO_TIMINGS,
    )


def played(stage: Stage, *acts: Sample | LinkedContainers) -> list[Ending]:
    return play(stage, acts, Console(file=io.StringIO()))[1]


def test_a_skipped_act_is_not_done_and_stops_nothing(stage: Stage) -> None:
    endings = played(stage, Sample(1), Sample(2, ActSkippedError("needs Docker")), Sample(3))
    assert [ending.status for ending in endings] == ["done", "skipped", "done"]
    assert endings[1].figures == ("needs Docker",)
    assert all(ending.is_good for ending in endings)


def test_after_a_failed_act_the_rest_is_not_played(stage: Stage) -> None:
    endings = played(stage, Sample(1, ActFailedError("2 of 3 counted")), Sample(2))
    assert [(ending.status, ending.is_good) for ending in endings] == [
        ("failed", False),
        ("not played", False),
    ]


def test_linked_containers_are_skipped_on_processes(stage: Stage) -> None:
    (ending,) = played(stage, LinkedContainers())
    assert (ending.status, ending.figures) == ("skipped", ("links and images of PostgreSQL need Docker",))


def test_the_table_and_the_report_show_what_was_skipped(stage: Stage, tmp_path: Path) -> None:
    endings = played(stage, Sample(1), Sample(2, ActSkippedError("needs Docker")))
    console = Console(file=io.StringIO(), width=120)
    console.print(table(endings))
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    (line,) = [line for line in lines if "needs Docker" in line]
    assert "skipped" in line
    assert "done" not in line
    write_report(endings, tmp_path / "report.json")
    assert [act["status"] for act in json.loads((tmp_path / "report.json").read_text())] == [
        "done",
        "skipped",
    ]


@pytest.mark.parametrize("timings", [AWS_TIMINGS, DEMO_TIMINGS])
def test_the_stage_asks_for_no_more_speed_than_up_takes(timings: Timings) -> None:
    assert 1 <= timings.scaling_speed <= SCALING_SPEED_MAX
