"""Reports wait on disk until control has them."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tidegate.balancer.logs.follow import Position
from tidegate.balancer.spool import Spool
from tidegate.fleet.balancing import TrafficReport

HERE, THERE = Position(inode=1, offset=10), Position(inode=1, offset=20)


def put(spool: Spool, position: Position = HERE) -> None:
    before = spool.progress
    report = TrafficReport(source=before.source, sequence=before.sequence + 1, began=5, seconds=5, samples=())
    spool.put(report, position)


def sequences(spool: Spool) -> list[int]:
    """Of the reports that can be read, as they are sent; nothing is left."""
    found = []
    while (one := spool.oldest()) is not None:
        sequence, report = one
        assert msgspec.json.decode(report, type=TrafficReport).sequence == sequence
        found.append(sequence)
        spool.drop(sequence)
    return found


def test_reports_are_kept_over_a_restart_until_they_are_received(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for _ in range(3):
        put(spool)
    spool.drop(2)
    assert sequences(Spool(tmp_path)) == [3]
    assert sequences(Spool(tmp_path)) == []


def test_sequences_and_the_source_go_on_when_everything_was_received(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    put(spool, THERE)
    spool.drop(1)
    assert Spool(tmp_path).progress == spool.progress
    assert (spool.progress.sequence, spool.progress.position) == (1, THERE)


def test_how_far_the_log_was_counted_is_known_from_the_newest_report(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.note(HERE)
    put(spool, THERE)
    assert Spool(tmp_path).progress.position == THERE


def test_what_was_counted_without_a_report_is_known_too(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    put(spool, HERE)
    spool.note(THERE)
    assert Spool(tmp_path).progress.position == THERE


def test_an_old_receipt_means_nothing(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    put(spool)
    spool.drop(0)
    assert sequences(spool) == [1]


def test_an_hour_without_control_is_kept_and_no_more(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for _ in range(725):
        put(spool)
    assert sequences(spool) == list(range(6, 726))


def test_reports_that_grow_too_large_together_go_the_oldest_first_over_a_restart_too(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for _ in range(4):
        put(spool)
    (size,) = {path.stat().st_size for path in tmp_path.glob("[0-9]*.json")}
    again = Spool(tmp_path, bytes_max=3 * size)
    put(again)
    assert again.waiting == 3
    assert sequences(again) == [3, 4, 5]


def test_a_report_that_is_too_large_by_itself_is_kept(tmp_path: Path) -> None:
    spool = Spool(tmp_path, bytes_max=1)
    put(spool)
    put(spool)
    assert sequences(spool) == [2]


def test_what_the_disk_does_not_take_moves_nothing(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    put(spool, HERE)
    before = spool.progress
    # In the way of what is written first.
    for name in ("000000000002.new", "progress.new"):
        (tmp_path / name).mkdir()
    with pytest.raises(IsADirectoryError):
        put(spool, THERE)
    with pytest.raises(IsADirectoryError):
        spool.note(THERE)
    assert (spool.progress, spool.waiting) == (before, 1)
    assert Spool(tmp_path).progress == before


def test_on_a_full_disk_all_reports_but_the_newest_are_let_go(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for _ in range(3):
        put(spool, THERE)
    (tmp_path / "progress.new").mkdir()
    spool.drop(2)
    assert spool.waiting == 1
    with pytest.raises(IsADirectoryError):
        spool.drop(3)
    again = Spool(tmp_path)
    assert (again.waiting, again.progress) == (1, spool.progress)


def test_a_torn_file_costs_that_report_only(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for _ in range(3):
        put(spool)
    next(tmp_path.glob("*2.json")).write_bytes(b"{")
    again = Spool(tmp_path)
    put(again)
    assert again.progress.sequence == 4
    assert sequences(again) == [1, 3, 4]
