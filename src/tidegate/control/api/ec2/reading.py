"""What every Describe operation does: the asked identifiers, the filters, the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from tidegate.control.api.ec2.faults import invalid_for, missing
from tidegate.control.api.ec2.filters import Values, matching
from tidegate.control.api.paging import InvalidTokenError, Page, paginate
from tidegate.domain.tags import Tags
from tidegate.wire import Fault

T = TypeVar("T")

_PAGE_SIZE_MIN = 5


@dataclass(frozen=True, kw_only=True)
class Noun(Generic[T]):
    """How one kind of resource is found: `kind` names it in errors."""

    kind: str
    id_of: Callable[[T], str]
    filters: Mapping[str, Values[T]]
    tags_of: Callable[[T], Tags] | None = None


def described(
    noun: Noun[T],
    rows: Iterable[T],
    parameters: Mapping[str, Any],
    ids: Sequence[str] | None,
    id_of: Callable[[T], str] | None = None,
) -> Page[T]:
    """The rows of a Describe call; raises when an identifier that was asked for does not exist."""
    found = list(rows)
    if ids:
        by_id = {(id_of or noun.id_of)(row): row for row in found}
        for identifier in ids:
            if identifier not in by_id:
                raise missing(noun.kind, identifier)
        found = [by_id[identifier] for identifier in dict.fromkeys(ids)]
    found = matching(found, parameters.get("Filters") or (), noun.filters, noun.tags_of)
    size = parameters.get("MaxResults")
    if size is not None and size < _PAGE_SIZE_MIN:
        # Five itself is fine: the text is AWS's.
        raise invalid_for("maxResults", f" {size} ", f"Expecting a value greater than {_PAGE_SIZE_MIN}.")
    try:
        return paginate(found, key=noun.id_of, token=parameters.get("NextToken"), size=size)
    except InvalidTokenError as error:
        raise Fault("InvalidNextToken", "The token provided is invalid.") from error


def answer(name: str, page: Page[T], view: Callable[[T], Mapping[str, Any]]) -> dict[str, Any]:
    """The response of a Describe call."""
    return {name: [view(row) for row in page.rows], "NextToken": page.next_token}
