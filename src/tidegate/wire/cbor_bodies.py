"""RPC v2's bodies: CBOR, in which moments and bytes have types of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import cbor2

from tidegate.wire.documents import document_parser, document_serialiser
from tidegate.wire.models import Shape
from tidegate.wire.scalars import UnparsableError, cbor_scalar, epoch_seconds

_EPOCH_TAG = 1
# How references to a text (tag 25) and to a value (tag 29) can begin.
_REFERENCES = tuple(
    bytes([0xD8 + exponent]) + tag.to_bytes(2**exponent, "big") for tag in (25, 29) for exponent in range(4)
)
_SHARED_TEXT_MAX = 1000


def cbor_parser(shape: Shape | None) -> Callable[[bytes], dict[str, Any]]:
    """Parses an operation's body; raises UnparsableError."""
    return document_parser(shape, _decoded, cbor_scalar)


def cbor_serialiser(shape: Shape | None) -> Callable[[Mapping[str, Any]], bytes]:
    """Serialises an operation's response."""
    return document_serialiser(shape, cbor2.dumps, _SCALARS)


def _decoded(body: bytes) -> Any:
    # The decoder raises errors of its own and, for what a tag holds, whatever making the value raises.
    try:
        found = cbor2.loads(body)
    except Exception as error:
        raise UnparsableError("The body is not CBOR.") from error
    if any(reference in body for reference in _REFERENCES):
        _refuse_sharing(found)
    return found


def _refuse_sharing(document: Any) -> None:
    """Raise UnparsableError for a part that stands in several places: a few kilobytes could say gigabytes."""
    seen, left = set(), [document]
    while left:
        part = left.pop()
        is_text = isinstance(part, str | bytes)
        if not (isinstance(part, dict | list) or (is_text and len(part) > _SHARED_TEXT_MAX)):
            continue
        if id(part) in seen:
            raise UnparsableError("The body refers to a part of its own.")
        seen.add(id(part))
        left += () if is_text else part.values() if isinstance(part, dict) else part


def _moment(value: datetime) -> cbor2.CBORTag:
    return cbor2.CBORTag(_EPOCH_TAG, epoch_seconds(value.astimezone(UTC)))


_SCALARS: dict[str, Callable[[Any], Any]] = {"timestamp": _moment, "double": float, "float": float}
