"""Pages of a listing, with tokens that only this module reads.

A token names the last row of its page by the key that the listing is sorted by, so that a page continues
where the last one ended whatever was added or deleted meanwhile. It is good for its own listing only: a
`scope`, such as the filters of a request, is a part of it.
"""

from __future__ import annotations

import base64
import binascii
import heapq
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


class InvalidTokenError(Exception):
    """The token was not made here: the caller's fault, which each front end words in its own way."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    rows: tuple[T, ...]
    next_token: str | None = None


def paginate(
    rows: Iterable[T],
    *,
    key: Callable[[T], str],
    token: str | None = None,
    size: int | None = None,
    descending: bool = False,
    scope: str = "",
) -> Page[T]:
    """The page after `token`, sorted by `key`, which must differ from row to row. `size` None: all."""
    keyed = ((key(row), row) for row in rows)
    if token is not None:
        last = _last_key(token, scope)
        keyed = (one for one in keyed if (one[0] < last if descending else one[0] > last))
    if size is None:
        return Page(tuple(row for _, row in sorted(keyed, key=_first, reverse=descending)))
    # Of many rows a page is a few: sorting them all would take several times as long.
    choose = heapq.nlargest if descending else heapq.nsmallest
    found = choose(size + 1, keyed, key=_first)
    page = tuple(row for _, row in found[:size])
    return Page(page, None if len(found) <= size else _token(found[size - 1][0], scope))


def _first(keyed: tuple[str, T]) -> str:
    return keyed[0]


def _token(last_key: str, scope: str) -> str:
    return base64.urlsafe_b64encode(f"{_prefix(scope)}:{last_key}".encode()).decode()


def _last_key(token: str, scope: str) -> str:
    try:
        prefix, _, last_key = base64.urlsafe_b64decode(token.encode()).decode().partition(":")
    except (binascii.Error, UnicodeError, ValueError) as error:
        raise InvalidTokenError(token) from error
    if prefix != _prefix(scope):
        raise InvalidTokenError(token)
    return last_key


def _prefix(scope: str) -> str:
    return f"1-{zlib.crc32(scope.encode()):08x}"
