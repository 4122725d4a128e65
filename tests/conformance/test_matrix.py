"""The matrix itself: what it is made of, and that it does not contradict itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.conformance.matrix import OPERATIONS, REFUSED, ROOT, refusals, rows


def test_every_operation_of_the_service_is_a_row() -> None:
    assert sum(row.startswith("operation:") for row in rows()) == OPERATIONS


def test_a_row_is_there_once() -> None:
    assert len(set(rows())) == len(rows())


def test_what_is_refused_is_a_row() -> None:
    """Whoever builds it takes the words out of the document; then the row is open until a test proves it."""
    assert set(rows()) >= {*REFUSED, *refusals()}


def test_tests_prove_rows_that_there_are(request: pytest.FixtureRequest) -> None:
    assert _proven(request) <= set(rows())


def test_every_row_is_proven_or_refused(request: pytest.FixtureRequest) -> None:
    """`scripts/conformance` prints them all, and ends as this does."""
    if not _is_whole(request.config):
        pytest.skip("not all tests are looked at")
    assert set(rows()) - _proven(request) - refusals().keys() == set()


def _proven(request: pytest.FixtureRequest) -> set[str]:
    return {
        row for item in request.session.items for mark in item.iter_markers("proves") for row in mark.args
    }


def _is_whole(config: pytest.Config) -> bool:
    """Whether this run collects every test but those that start the product."""
    given = {Path(argument).resolve() for argument in config.args}
    return given == {ROOT / "tests"} and not config.option.keyword and not config.option.deselect
