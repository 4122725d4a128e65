"""A file that is written and rotated, read once."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tidegate.balancer.haproxy.access_log import AccessLog
from tidegate.balancer.logs.follow import Follower, Position

MANY = 1 << 20
SEGMENTS_MAX = 4


class Rotating:
    """Writes as the access log does."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "access.log"
        self.number = 0

    def write(self, count: int = 1) -> None:
        with self.path.open("ab") as file:
            for _ in range(count):
                self.number += 1
                file.write(f"line {self.number} with something that makes it longer than a head\n".encode())

    def rotate(self) -> None:
        for number in range(SEGMENTS_MAX - 1, 0, -1):
            newer = self.path.with_name(f"access.log.{number - 1}") if number > 1 else self.path
            if newer.exists():
                newer.replace(self.path.with_name(f"access.log.{number}"))
        self.path.touch()


@pytest.fixture
def file(tmp_path: Path) -> Rotating:
    return Rotating(tmp_path)


def numbers(lines: bytes) -> list[int]:
    return [int(line.split()[1]) for line in lines.splitlines()]


def everything(follower: Follower, until: Position | None = None, bytes_max: int = MANY) -> list[int]:
    found: list[int] = []
    while lines := follower.read(bytes_max, until):
        found += numbers(lines)
    return found


def test_lines_are_read_once_as_they_come(file: Rotating) -> None:
    follower = Follower(file.path)
    assert follower.read(MANY) == b""
    file.write(2)
    assert everything(follower) == [1, 2]
    assert everything(follower) == []
    file.write()
    assert everything(follower) == [3]


def test_half_a_line_waits_for_its_end(file: Rotating) -> None:
    follower = Follower(file.path)
    with file.path.open("ab", buffering=0) as half:
        half.write(b"line 1 wi")
        assert follower.read(MANY) == b""
        half.write(b"th\n")
    assert everything(follower) == [1]


def test_only_so_much_is_read_at_once_and_whole_lines_of_it(file: Rotating) -> None:
    file.write(10)
    follower = Follower(file.path)
    assert numbers(follower.read(200)) == [1, 2, 3]
    assert everything(follower, bytes_max=100) == [4, 5, 6, 7, 8, 9, 10]


def test_nothing_is_lost_over_rotations(file: Rotating) -> None:
    follower = Follower(file.path)
    file.write()
    assert everything(follower) == [1]
    file.write()
    file.rotate()
    file.write()
    file.rotate()
    file.write()
    assert everything(follower) == [2, 3, 4]
    assert follower.segments_lost == 0


def test_who_comes_later_begins_with_the_oldest(file: Rotating) -> None:
    file.write()
    file.rotate()
    file.write()
    assert everything(Follower(file.path)) == [1, 2]


def test_another_reader_goes_on_where_one_was(file: Rotating) -> None:
    first = Follower(file.path)
    file.write(2)
    everything(first)
    file.write()
    file.rotate()
    file.write()
    second = Follower(file.path)
    second.seek(first.position)
    assert everything(second) == [3, 4]
    assert second.segments_lost == 0


def test_a_segment_that_has_the_inode_of_one_that_is_gone_is_another(file: Rotating) -> None:
    file.write()
    position = Position(inode=file.path.stat().st_ino, head="line 7", offset=30)
    follower = Follower(file.path)
    follower.seek(position)
    assert everything(follower) == [1]
    assert follower.segments_lost == 1


def test_what_was_rotated_away_unread_is_counted(file: Rotating) -> None:
    follower = Follower(file.path)
    file.write()
    everything(follower)
    for _ in range(SEGMENTS_MAX + 1):
        file.rotate()
        file.write()
    assert everything(follower) == [3, 4, 5, 6]
    assert follower.segments_lost == 1


def test_the_end_of_a_line_that_never_came_holds_nothing_up(file: Rotating) -> None:
    follower = Follower(file.path)
    file.write()
    with file.path.open("ab") as half:
        half.write(b"torn")
    file.rotate()
    file.write()
    assert everything(follower) == [1, 2]


def test_the_access_log_keeps_so_much_and_loses_no_line_to_who_follows(tmp_path: Path) -> None:
    log = AccessLog(tmp_path, segment_bytes_max=2000)
    log.start()
    follower = Follower(tmp_path / "access.log")
    found: list[int] = []
    for number in range(500):
        os.write(log.writer, f"line {number} with something that makes it longer than a head is\n".encode())
        if number % 10 == 0:
            found += everything(follower)
            time.sleep(0.005)
    log.stop()
    found += everything(follower)
    assert found == list(range(500))
    segments = list(tmp_path.glob("access.log*"))
    assert len(segments) == SEGMENTS_MAX
    # What comes between two looks at the pipe may go beyond the bound.
    assert sum(path.stat().st_size for path in segments) < 4 * SEGMENTS_MAX * 2000


def test_reading_stops_where_it_is_told(file: Rotating) -> None:
    file.write(2)
    first = Follower(file.path)
    everything(first)
    file.rotate()
    file.write()
    everything(first)
    until = first.position
    file.write(2)
    file.rotate()
    file.write()
    again = Follower(file.path)
    assert everything(again, until, bytes_max=100) == [1, 2, 3]
    assert everything(again) == [4, 5, 6]
