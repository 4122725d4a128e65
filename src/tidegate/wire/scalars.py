"""Values without parts: what the protocols make of a string, a number, a moment, bytes."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

Parser = Callable[[Any], Any]

_INTEGER_BITS = {"integer": 31, "long": 63}
_SHOWN_BITS_MAX = 1024
# How clients write them in JSON.
_NOT_FINITE = {"NaN", "Infinity", "-Infinity"}


class UnparsableError(Exception):
    """A value is not of its member's type; `args[0]` says how, in words for the client."""


def json_scalar(kind: str) -> Parser:
    """Parses a decoded JSON value: types are meant as they stand."""
    return _JSON[kind]


def cbor_scalar(kind: str) -> Parser:
    """Parses a decoded CBOR value: moments and bytes are of their own types."""
    return _CBOR[kind]


def text_scalar(kind: str) -> Parser:
    """Parses the text that a form carries for every type."""
    return _TEXT[kind]


def blob_text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def epoch_seconds(value: datetime) -> float:
    """A moment in JSON: seconds with milliseconds, as a number (Go refuses strings)."""
    # Three times as fast as round(..., 3); a service with its events has a hundred of these.
    return int(value.timestamp() * 1000 + 0.5) / 1000


def iso_text(value: datetime) -> str:
    """A moment in XML."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise UnparsableError(f"{_article(value)} can not be converted to a String")
    return value


def _integer(kind: str, is_text: bool) -> Parser:
    bound = 1 << _INTEGER_BITS[kind]

    def parse(value: Any) -> int:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not (is_number or (is_text and isinstance(value, str))):
            raise UnparsableError(f"{_article(value)} can not be converted to {_named(kind)}")
        try:
            # JSON's 2.0 is 2; AWS truncates what has a fraction.
            number = int(value)
        except (ValueError, OverflowError) as error:
            raise UnparsableError(f"{_shown(value)} can not be converted to {_named(kind)}") from error
        if not -bound <= number < bound:
            raise UnparsableError(f"{_shown(value)} is out of range for {_named(kind)}")
        return number

    return parse


def _float(is_text: bool) -> Parser:
    def parse(value: Any) -> float:
        if isinstance(value, str) and value in _NOT_FINITE:
            raise UnparsableError(f"'{value}' is not a finite number")
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not (is_number or (is_text and isinstance(value, str))):
            raise UnparsableError(f"{_article(value)} can not be converted to a Double")
        try:
            number = float(value)
        except (ValueError, OverflowError) as error:
            raise UnparsableError(f"{_shown(value)} can not be converted to a Double") from error
        if not math.isfinite(number):
            raise UnparsableError(f"'{value}' is not a finite number")
        return number

    return parse


def _json_boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise UnparsableError(f"{_article(value)} can not be converted to a Boolean")
    return value


def _text_boolean(value: Any) -> bool:
    found = {"true": True, "false": False}.get(value.lower())
    if found is None:
        raise UnparsableError(f"'{value}' can not be converted to a Boolean")
    return found


def _timestamp(value: Any) -> datetime:
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        moment = datetime.fromisoformat(_string(value))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise UnparsableError(f"'{value}' can not be converted to a Timestamp") from error


def _blob(value: Any) -> bytes:
    try:
        return base64.b64decode(_string(value), validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnparsableError("a Blob must be base64") from error


def _cbor_timestamp(value: Any) -> datetime:
    if not isinstance(value, datetime):
        raise UnparsableError(f"{_article(value)} can not be converted to a Timestamp")
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise UnparsableError(f"'{value}' can not be converted to a Timestamp") from error


def _cbor_blob(value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise UnparsableError(f"{_article(value)} can not be converted to a Blob")
    return value


def _shown(value: Any) -> str:
    # Python writes no number of thousands of digits, and CBOR may bring one.
    return "a number" if isinstance(value, int) and value.bit_length() > _SHOWN_BITS_MAX else f"'{value}'"


def _article(value: Any) -> str:
    names = {dict: "a structure", list: "a list", str: "a String", bool: "a Boolean", type(None): "null"}
    return names.get(type(value), "a number")


def _named(kind: str) -> str:
    return {"integer": "an Integer", "long": "a Long"}[kind]


_COMMON: dict[str, Parser] = {"string": _string, "timestamp": _timestamp, "blob": _blob}
_JSON: dict[str, Parser] = {
    **_COMMON,
    **{kind: _integer(kind, is_text=False) for kind in _INTEGER_BITS},
    **{kind: _float(is_text=False) for kind in ("float", "double")},
    "boolean": _json_boolean,
}
_CBOR: dict[str, Parser] = {**_JSON, "timestamp": _cbor_timestamp, "blob": _cbor_blob}
_TEXT: dict[str, Parser] = {
    **_COMMON,
    **{kind: _integer(kind, is_text=True) for kind in _INTEGER_BITS},
    **{kind: _float(is_text=True) for kind in ("float", "double")},
    "boolean": _text_boolean,
}
