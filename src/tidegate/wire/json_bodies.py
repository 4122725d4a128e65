"""The JSON protocols' bodies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from tidegate.wire.documents import document_parser, document_serialiser
from tidegate.wire.models import Shape
from tidegate.wire.scalars import UnparsableError, blob_text, epoch_seconds, json_scalar


def json_parser(shape: Shape | None) -> Callable[[bytes], dict[str, Any]]:
    """Parses an operation's body; raises UnparsableError."""
    return document_parser(shape, _decoded, json_scalar)


def json_serialiser(shape: Shape | None) -> Callable[[Mapping[str, Any]], bytes]:
    """Serialises an operation's response."""
    return document_serialiser(shape, msgspec.json.encode, _SCALARS)


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnparsableError("The body is not JSON.") from error


_SCALARS: dict[str, Callable[[Any], Any]] = {"timestamp": epoch_seconds, "blob": blob_text}
