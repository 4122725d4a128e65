"""Pages continue where they ended, whatever came and went meanwhile."""

from __future__ import annotations

import pytest

from tidegate.control.api.paging import InvalidTokenError, paginate


def _page(rows: list[str], token: str | None = None, size: int | None = 2) -> tuple[list[str], str | None]:
    page = paginate(rows, key=str, token=token, size=size)
    return list(page.rows), page.next_token


def test_every_row_is_on_one_page_in_order() -> None:
    rows, token = _page(["c", "a", "e", "b", "d"])
    found = rows
    while token is not None:
        rows, token = _page(["c", "a", "e", "b", "d"], token)
        found += rows
    assert found == ["a", "b", "c", "d", "e"]


def test_a_page_that_holds_the_rest_has_no_token() -> None:
    assert _page(["a", "b"]) == (["a", "b"], None)
    assert _page(["a", "b", "c"], size=None) == (["a", "b", "c"], None)


def test_rows_that_come_and_go_shift_no_page() -> None:
    _, token = _page(["b", "c", "d", "e"])
    assert _page(["a", "d", "e"], token) == (["d", "e"], None)


@pytest.mark.parametrize("token", ["nonsense", "!!", "bm9uc2Vuc2U=", "\u00fc"])
def test_a_token_made_elsewhere_is_refused(token: str) -> None:
    with pytest.raises(InvalidTokenError):
        _page(["a"], token)
