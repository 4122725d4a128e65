"""Pages of GetMetricData: so many data points of all results together, in the results' order."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.control.api.cloudwatch import faults


@dataclass(frozen=True, slots=True)
class Page:
    """`slices`: from where to where of each result's points are on this page."""

    slices: tuple[tuple[int, int], ...]
    is_first: bool
    next_token: str | None


def page_of(lengths: Sequence[int], token: str | None, size: int, scope: str) -> Page:
    """`lengths` of the results; the token is good for requests of the same scope. Raises Fault."""
    skipped = 0 if token is None else _offset(token, scope)
    left = size
    slices = []
    for length in lengths:
        first = min(skipped, length)
        last = min(length, first + left)
        skipped, left = skipped - first, left - (last - first)
        slices.append((first, last))
    done = sum(last for _, last in slices)
    return Page(
        tuple(slices),
        is_first=token is None,
        next_token=_token(done, scope) if done < sum(lengths) else None,
    )


def _token(offset: int, scope: str) -> str:
    return base64.urlsafe_b64encode(f"{zlib.crc32(scope.encode()):08x}:{offset}".encode()).decode()


def _offset(token: str, scope: str) -> int:
    try:
        found, _, offset = base64.urlsafe_b64decode(token.encode()).decode().partition(":")
    except (binascii.Error, UnicodeError, ValueError) as error:
        raise faults.invalid_token() from error
    if found != f"{zlib.crc32(scope.encode()):08x}" or not (offset.isascii() and offset.isdecimal()):
        raise faults.invalid_token()
    return int(offset)
