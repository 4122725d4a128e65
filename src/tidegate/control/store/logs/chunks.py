"""A chunk's bytes: consecutive events of one stream, compressed."""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

_Columns = tuple[bytes, bytes, list[str]]

# What comes before the times: an array's mark, and that of bytes with their length.
_HEAD_BYTES_MAX = 6

_decoder = msgspec.msgpack.Decoder(_Columns)


class DamagedChunkError(Exception):
    """The bytes are not as they were written."""


@dataclass(frozen=True, slots=True)
class Events:
    """Events in the order in which they came; times are Unix milliseconds."""

    ats: Sequence[int]
    ingested_ats: Sequence[int]
    messages: Sequence[str]


def packed(events: Events) -> tuple[bytes, int]:
    """The bytes, and how many they are when unpacked."""
    columns: _Columns = (
        array("q", events.ats).tobytes(),
        array("q", events.ingested_ats).tobytes(),
        list(events.messages),
    )
    raw = msgspec.msgpack.encode(columns)
    return zlib.compress(raw, 1), len(raw)


def raw_bytes(body: bytes) -> bytes:
    """A chunk unpacked but not taken apart: its texts are in it as UTF-8. Raises DamagedChunkError."""
    try:
        return zlib.decompress(body)
    except zlib.error as error:
        raise DamagedChunkError(str(error)) from error


def times_of(body: bytes, count: int) -> Sequence[int]:
    """The times of its events, which are so many, without unpacking the rest. Raises DamagedChunkError."""
    size = array("q").itemsize * count
    head = 3 if size < 1 << 8 else 4 if size < 1 << 16 else _HEAD_BYTES_MAX
    try:
        begin = zlib.decompressobj().decompress(body, head + size)
    except zlib.error as error:
        raise DamagedChunkError(str(error)) from error
    if len(begin) < head + size:
        raise DamagedChunkError("it ends too early")
    return array("q", begin[head:])


def events_of(raw: bytes) -> Events:
    """Raises DamagedChunkError."""
    try:
        ats, ingested_ats, messages = _decoder.decode(raw)
        return Events(array("q", ats), array("q", ingested_ats), messages)
    except (msgspec.MsgspecError, ValueError) as error:
        raise DamagedChunkError(str(error)) from error


def joined(parts: Sequence[Events]) -> Events:
    """One after the other."""
    return Events(
        [at for part in parts for at in part.ats],
        [at for part in parts for at in part.ingested_ats],
        [message for part in parts for message in part.messages],
    )
