"""Lines of what is gone still find what they are about."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from tests.balancer.access_log.edges import a_balancer, an_edge

from tidegate.balancer.logs.book import GONE_MAX, Book
from tidegate.fleet.balancing import EdgeDocument


class Desk:
    """A book, and the document that it reads."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "edge.json"
        self.book = Book(self._path)

    def edge(self, document: EdgeDocument) -> None:
        temporary = self._path.with_suffix(".new")
        temporary.write_bytes(msgspec.json.encode(document))
        temporary.replace(self._path)
        self.book.load()

    def knows(self, number: int) -> bool:
        return self.book.source(f"l_{number}") is not None


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_listener_of_a_load_balancer_that_is_gone_is_known_still(desk: Desk) -> None:
    desk.edge(an_edge(a_balancer(1), a_balancer(2)))
    desk.edge(an_edge(a_balancer(2)))
    assert (desk.knows(1), desk.knows(2)) == (True, True)


def test_a_listener_that_is_deleted_alone_is_known_still_while_logs_are_kept(desk: Desk) -> None:
    both = a_balancer(1)
    (listener,) = both.listeners
    another = replace(listener, arn=listener.arn.removesuffix("1") + "9")
    desk.edge(an_edge(replace(both, listeners=(listener, another))))
    desk.edge(an_edge(both))
    assert (desk.knows(1), desk.knows(9)) == (True, True)
    desk.edge(an_edge(replace(both, logs=())))
    assert (desk.knows(1), desk.knows(9)) == (False, False)


def test_a_load_balancer_that_keeps_no_logs_any_more_is_not(desk: Desk) -> None:
    desk.edge(an_edge(a_balancer(1)))
    desk.edge(an_edge(a_balancer(1, logs=())))
    assert not desk.knows(1)


def test_of_those_that_are_gone_the_last_are_known_and_no_more(desk: Desk) -> None:
    desk.edge(an_edge(a_balancer(1), a_balancer(2)))
    desk.edge(an_edge(a_balancer(2)))
    desk.edge(an_edge(*(a_balancer(number) for number in range(3, GONE_MAX + 2))))
    assert (desk.knows(1), desk.knows(2)) == (True, True)
    desk.edge(an_edge())
    assert [desk.knows(number) for number in (1, 2, 3, GONE_MAX + 1)] == [False, True, True, True]
