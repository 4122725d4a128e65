"""Pages of Describe operations."""

from __future__ import annotations

import pytest

from tidegate.control.api.ec2.reading import Noun, described
from tidegate.wire import Fault

LETTER = Noun[str](kind="resource", id_of=str, filters={})


# Clients of today refuse these sizes themselves; others send them.
@pytest.mark.parametrize("size", [4, 0, -1])
def test_a_page_has_five_rows_at_least(size: int) -> None:
    with pytest.raises(Fault) as refused:
        described(LETTER, "abcdefg", {"MaxResults": size}, None)
    text = f"Value ( {size} ) for parameter maxResults is invalid. Expecting a value greater than 5."
    assert (refused.value.code, refused.value.message) == ("InvalidParameterValue", text)


def test_a_page_goes_on_after_the_last_one() -> None:
    first = described(LETTER, "gfedcba", {"MaxResults": 5}, None)
    rest = described(LETTER, "gfedcba", {"MaxResults": 5, "NextToken": first.next_token}, None)
    assert (first.rows, rest.rows) == (tuple("abcde"), tuple("fg"))
    assert rest.next_token is None
