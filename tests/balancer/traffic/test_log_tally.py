"""The access log is counted once, over rotations and restarts."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.balancer.access_log.lines import SHORT

from tidegate.balancer.log_tally import LogTally


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "access.log"


def write(log: Path, lines: int, *, rest: str = "") -> None:
    with log.open("a") as file:
        file.write(f"{SHORT}\n" * lines + rest)


def rotate(log: Path) -> None:
    for number in (3, 2, 1, 0):
        path = log.with_name(f"access.log.{number}") if number else log
        if path.exists():
            path.replace(log.with_name(f"access.log.{number + 1}"))


def counted(tally: LogTally) -> int:
    tally.read()
    return tally.take().total()


def test_lines_are_counted_as_they_come(log: Path) -> None:
    tally = LogTally(log, None)
    assert counted(tally) == 0
    write(log, 3)
    assert counted(tally) == 3
    write(log, 2)
    assert (counted(tally), counted(tally)) == (2, 0)


def test_what_was_there_before_the_first_start_does_not_count(log: Path) -> None:
    write(log, 3)
    tally = LogTally(log, None)
    write(log, 2)
    assert counted(tally) == 2


def test_a_line_counts_once_it_is_whole(log: Path) -> None:
    tally = LogTally(log, None)
    write(log, 1, rest=SHORT[:30])
    assert counted(tally) == 1
    write(log, 0, rest=SHORT[30:] + "\n")
    assert counted(tally) == 1


def test_more_than_a_chunk_is_counted_in_one_reading(log: Path) -> None:
    tally = LogTally(log, None)
    write(log, 5_000)
    assert counted(tally) == 5_000


def test_what_is_in_rotated_segments_counts(log: Path) -> None:
    tally = LogTally(log, None)
    write(log, 1)
    assert counted(tally) == 1
    for lines in (10, 100, 1000):
        write(log, lines)
        rotate(log)
    write(log, 10_000)
    assert counted(tally) == 11_110


def test_a_rotation_without_lines_loses_none(log: Path) -> None:
    tally = LogTally(log, None)
    write(log, 1)
    assert counted(tally) == 1
    rotate(log)
    assert counted(tally) == 0
    write(log, 2)
    assert counted(tally) == 2


def test_counting_goes_on_where_an_earlier_process_was(log: Path) -> None:
    first = LogTally(log, None)
    write(log, 3)
    assert counted(first) == 3
    write(log, 4)
    rotate(log)
    write(log, 5)
    second = LogTally(log, first.position)
    assert (counted(second), counted(second)) == (9, 0)
