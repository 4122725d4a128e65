"""Frames of HTTP/2 as bytes, well formed or not."""

from __future__ import annotations

import struct

import hpack

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS = 0, 1, 2, 3, 4
PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 5, 6, 7, 8, 9
END_STREAM, ACK, END_HEADERS, PADDED = 0x1, 0x1, 0x4, 0x8

Pairs = tuple[tuple[bytes, bytes], ...]
GET: Pairs = ((b":method", b"GET"), (b":scheme", b"https"), (b":authority", b"a"), (b":path", b"/a"))
POST: Pairs = ((b":method", b"POST"), *GET[1:])


def frame(kind: int, payload: bytes = b"", *, flags: int = 0, stream: int = 0) -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def block(pairs: Pairs) -> bytes:
    """The pairs with no reference to others, so that a block stands anywhere."""
    return b"".join(b"\x10" + _text(name) + _text(value) for name, value in pairs)


def _text(text: bytes) -> bytes:
    length = hpack.hpack.encode_integer(len(text), 7)
    return bytes(length) + text


def headers(pairs: Pairs, *, stream: int = 1, ends: bool = True) -> bytes:
    flags = END_HEADERS | (END_STREAM if ends else 0)
    return frame(HEADERS, block(pairs), flags=flags, stream=stream)


def data(payload: bytes, *, stream: int = 1, ends: bool = True) -> bytes:
    return frame(DATA, payload, flags=END_STREAM if ends else 0, stream=stream)


def get(*more: tuple[bytes, bytes], **replaced: bytes) -> bytes:
    """A GET; `replaced`: pseudo headers by their names."""
    pairs = tuple((name, replaced.get(name[1:].decode(), value)) for name, value in GET)
    return headers((*pairs, *more))


def post(*more: tuple[bytes, bytes], body: bytes = b"abc") -> bytes:
    return headers((*POST, *more), ends=False) + data(body)


def trailing(*trailers: tuple[bytes, bytes], ends: bool = True) -> bytes:
    return headers(POST, ends=False) + data(b"abc", ends=False) + headers(trailers, ends=ends)


def whole(payload: bytes, *, kind: int = HEADERS) -> bytes:
    """Headers on stream 1 that say that they are all, whatever they are."""
    return frame(kind, payload, flags=END_HEADERS | END_STREAM, stream=1)
