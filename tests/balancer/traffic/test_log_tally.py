"""The access log is counted once, over rotations and restarts."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from tests.balancer.access_log.lines import SHORT

from tidegate.balancer.haproxy.access_log import segments
from tidegate.balancer.haproxy.log_tally import LogPlace, LogTally


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return segments(tmp_path)[0]


def write(log: Path, lines: int, *, rest: str = "") -> None:
    with log.open("a") as file:
        file.write(f"{SHORT}\n" * lines + rest)


def rotate(log: Path) -> None:
    known = segments(log.parent)
    for newer, older in reversed(list(pairwise(known))):
        if newer.exists():
            newer.replace(older)


def counted(tally: LogTally) -> int:
    tally.read()
    return tally.take().total()


def test_lines_are_counted_as_they_come(log: Path) -> None:
    tally = LogTally(log.parent, None)
    assert counted(tally) == 0
    write(log, 3)
    assert counted(tally) == 3
    write(log, 2)
    assert (counted(tally), counted(tally)) == (2, 0)


def test_what_was_there_before_the_first_start_does_not_count(log: Path) -> None:
    write(log, 3)
    tally = LogTally(log.parent, None)
    write(log, 2)
    assert counted(tally) == 2


def test_a_line_counts_once_it_is_whole(log: Path) -> None:
    tally = LogTally(log.parent, None)
    write(log, 1, rest=SHORT[:30])
    assert counted(tally) == 1
    write(log, 0, rest=SHORT[30:] + "\n")
    assert counted(tally) == 1


def test_more_than_a_chunk_is_counted_in_one_reading(log: Path) -> None:
    tally = LogTally(log.parent, None)
    write(log, 5_000)
    assert counted(tally) == 5_000


def test_what_is_in_rotated_segments_counts(log: Path) -> None:
    tally = LogTally(log.parent, None)
    write(log, 1)
    assert counted(tally) == 1
    for lines in (10, 100, 1000):
        write(log, lines)
        rotate(log)
    write(log, 10_000)
    assert counted(tally) == 11_110


def test_a_rotation_without_lines_loses_none(log: Path) -> None:
    tally = LogTally(log.parent, None)
    write(log, 1)
    assert counted(tally) == 1
    rotate(log)
    assert counted(tally) == 0
    write(log, 2)
    assert counted(tally) == 2


def test_counting_goes_on_where_an_earlier_process_was(log: Path) -> None:
    first = LogTally(log.parent, None)
    write(log, 3)
    assert counted(first) == 3
    write(log, 4)
    rotate(log)
    write(log, 5)
    second = LogTally(log.parent, first.place)
    assert (counted(second), counted(second)) == (9, 0)


def test_when_the_segment_is_gone_all_that_is_left_counts(log: Path) -> None:
    write(log, 5)
    tally = LogTally(log.parent, LogPlace(inode=1, offset=1_000))
    assert counted(tally) == 5
