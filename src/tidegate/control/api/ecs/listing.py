"""Pages of ECS's List operations, and the number of items that a request may name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from tidegate.control.api.ecs.faults import invalid
from tidegate.control.api.paging import InvalidTokenError, Page, paginate
from tidegate.wire import Fault

T = TypeVar("T")


def page_of(
    rows: Iterable[T],
    parameters: Mapping[str, Any],
    *,
    key: Callable[[T], str] = str,
    size: int = 100,
    size_max: int = 100,
    descending: bool = False,
) -> Page[T]:
    """One page by `maxResults` and `nextToken`. A token is good for the same filters only."""
    wanted = parameters.get("maxResults", size)
    if not 1 <= wanted <= size_max:
        raise invalid(f"maxResults must be between 1 and {size_max}.")
    filters = {n: v for n, v in parameters.items() if n not in ("nextToken", "maxResults")}
    try:
        return paginate(
            rows,
            key=key,
            token=parameters.get("nextToken"),
            size=wanted,
            descending=descending,
            scope=json.dumps(filters, sort_keys=True, default=str),
        )
    except InvalidTokenError as error:
        raise invalid("The nextToken is not valid for this request.") from error


def check_count(
    what: str, named: Sequence[str], count_max: int, when_empty: Callable[[str], Fault] = invalid
) -> None:
    """How many items a request names: at least one, at most `count_max`."""
    if not named:
        raise when_empty(f"{what} cannot be empty.")
    if len(named) > count_max:
        raise invalid(f"{what} cannot have more than {count_max} elements.")
