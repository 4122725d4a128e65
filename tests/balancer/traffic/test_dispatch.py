"""One report is under way at a time, and none is forgotten."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tidegate.balancer.dispatch import SEND_AGAIN_SECONDS, Dispatch
from tidegate.balancer.logs.follow import Position
from tidegate.balancer.spool import Spool
from tidegate.fleet.balancing import TrafficReceipt, TrafficReport
from tidegate.fleet.session import Frame


class Desk:
    """A dispatch with `waiting` reports, and what it has sent."""

    def __init__(self, folder: Path, waiting: int) -> None:
        self.sent: list[int] = []
        self.spool = Spool(folder)
        self.source = self.spool.progress.source
        for sequence in range(1, waiting + 1):
            report = TrafficReport(source=self.source, sequence=sequence, began=0, seconds=5, samples=())
            self.spool.put(report, Position())
        self.dispatch = Dispatch(self.spool, self._note)

    def begin(self, now: float = 0) -> None:
        for frame in self.dispatch.begin(now):
            self._note(frame)

    def receive(self, sequence: int, source: str | None = None) -> None:
        receipt = TrafficReceipt(source=source or self.source, sequence=sequence)
        self.dispatch.receive(receipt, 0)

    def _note(self, frame: Frame) -> None:
        assert frame.type == "TrafficReport"
        self.sent.append(msgspec.json.decode(frame.message, type=TrafficReport).sequence)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, waiting=3)


def test_a_new_connection_begins_with_the_oldest_and_no_other(desk: Desk) -> None:
    desk.begin()
    desk.dispatch.look(1)
    assert desk.sent == [1]


def test_a_receipt_lets_the_next_go(desk: Desk) -> None:
    desk.begin()
    for sequence in (1, 2, 3):
        desk.receive(sequence)
    assert (desk.sent, desk.spool.waiting) == ([1, 2, 3], 0)
    desk.dispatch.look(1)
    assert desk.sent == [1, 2, 3]


def test_a_receipt_that_comes_twice_and_anothers_let_nothing_go(desk: Desk) -> None:
    desk.begin()
    desk.receive(1)
    desk.receive(1)
    desk.receive(2, source="another")
    assert desk.sent == [1, 2]


def test_what_was_under_way_goes_again_on_the_next_connection(desk: Desk) -> None:
    desk.begin()
    desk.begin(1)
    assert desk.sent == [1, 1]


def test_what_control_did_not_take_goes_again_after_a_while_and_never_the_next_before_it(desk: Desk) -> None:
    desk.begin()
    desk.dispatch.look(SEND_AGAIN_SECONDS - 1)
    assert desk.sent == [1]
    desk.dispatch.look(SEND_AGAIN_SECONDS)
    assert desk.sent == [1, 1]


def test_a_report_that_cannot_be_read_holds_up_no_other(desk: Desk, tmp_path: Path) -> None:
    next(tmp_path.glob("*1.json")).write_bytes(b"{")
    desk.begin()
    assert (desk.sent, desk.spool.waiting) == ([2], 2)
