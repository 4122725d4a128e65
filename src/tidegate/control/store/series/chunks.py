"""A chunk's bytes: points in columns, compressed. Most columns are constant or alike, and cost little."""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Mapping

import msgspec

from tidegate.domain.cloudwatch import Sketch, Summary, together

Points = dict[int, Summary]

_Sketches = dict[int, tuple[dict[int, float], dict[int, float], float]]
_Columns = tuple[bytes, bytes, bytes, bytes, bytes, _Sketches]

_decoder = msgspec.msgpack.Decoder(_Columns)


class DamagedChunkError(Exception):
    """The bytes are not as they were written."""


def packed(start: int, points: Mapping[int, Summary]) -> bytes:
    """The points of the chunk that begins at `start`."""
    ats = sorted(points)
    rows = [points[at] for at in ats]
    columns: _Columns = (
        array("I", [at - start for at in ats]).tobytes(),
        array("d", [row.count for row in rows]).tobytes(),
        array("d", [row.sum for row in rows]).tobytes(),
        array("d", [row.minimum for row in rows]).tobytes(),
        array("d", [row.maximum for row in rows]).tobytes(),
        {
            number: (dict(row.sketch.above), dict(row.sketch.below), row.sketch.zeros)
            for number, row in enumerate(rows)
            if row.sketch is not None
        },
    )
    return zlib.compress(msgspec.msgpack.encode(columns), 1)


def unpacked(start: int, body: bytes) -> Points:
    """Raises DamagedChunkError."""
    try:
        return _unpacked(start, _decoder.decode(zlib.decompress(body)))
    except (zlib.error, msgspec.MsgspecError, ValueError) as error:
        raise DamagedChunkError(str(error)) from error


def _unpacked(start: int, content: _Columns) -> Points:
    offsets, counts, sums, minima, maxima, sketches = content
    points: Points = {}
    columns = zip(
        array("I", offsets),
        array("d", counts),
        array("d", sums),
        array("d", minima),
        array("d", maxima),
        strict=True,
    )
    for number, (offset, count, total, minimum, maximum) in enumerate(columns):
        sketch = sketches.get(number)
        points[start + offset] = Summary(
            count=count,
            sum=total,
            minimum=minimum,
            maximum=maximum,
            sketch=None if sketch is None else Sketch(above=sketch[0], below=sketch[1], zeros=sketch[2]),
        )
    return points


def add(points: Points, at: int, summary: Summary) -> None:
    """Put what was seen to what is known of the same span."""
    known = points.get(at)
    points[at] = summary if known is None else together((known, summary))
