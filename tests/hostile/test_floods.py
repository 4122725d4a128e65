"""Floods over HTTP/2: cheap for the client, dear for a server that lets itself be drawn in."""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import hpack
import pytest
from tests.hostile.exchange import TLS_PORTS, Range
from tests.hostile.frames import (
    CONTINUATION,
    DATA,
    END_STREAM,
    GET,
    HEADERS,
    PING,
    POST,
    PREFACE,
    PRIORITY,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    block,
    frame,
    headers,
)
from tests.hostile.http2_exchange import connected, next_client

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(60)]

PORT = TLS_PORTS["defensive"]
COUNT = 5_000
MEMORY_MAX_KB = 20_000
CANCEL = struct.pack(">I", 8)
Flood = Callable[[], Iterator[bytes]]


def streams() -> Iterator[int]:
    return iter(range(1, 2 * COUNT, 2))


def rapid_reset() -> Iterator[bytes]:
    for stream in streams():
        yield headers(GET, stream=stream) + frame(RST_STREAM, CANCEL, stream=stream)


def made_you_reset() -> Iterator[bytes]:
    """The server is made to reset each stream itself: its window is moved by nothing."""
    for stream in streams():
        yield headers(GET, stream=stream) + frame(WINDOW_UPDATE, b"\0\0\0\0", stream=stream)


def settings() -> Iterator[bytes]:
    return (frame(SETTINGS, b"\0\4\0\1\0\0") for _ in range(COUNT))


def pings() -> Iterator[bytes]:
    return (frame(PING, b"12345678") for _ in range(COUNT))


def continuations() -> Iterator[bytes]:
    """Headers that never end, in frames of their own (some of them empty)."""
    yield frame(HEADERS, block(GET), flags=END_STREAM, stream=1)
    for number in range(COUNT):
        yield frame(CONTINUATION, block(((b"x-a", b"b" * (number % 2 * 100)),)), stream=1)
        yield frame(CONTINUATION, stream=1)


def empty_data() -> Iterator[bytes]:
    yield headers(POST, ends=False)
    for _ in range(COUNT):
        yield frame(DATA, stream=1)


def priorities() -> Iterator[bytes]:
    return (frame(PRIORITY, struct.pack(">IB", 0, 1), stream=stream) for stream in streams())


def windows() -> Iterator[bytes]:
    return (frame(WINDOW_UPDATE, b"\0\0\0\1") for _ in range(COUNT))


def bombs() -> Iterator[bytes]:
    """A name and value of 4 K in the table, named a thousand times by each request."""
    encoder = hpack.Encoder()
    yield frame(HEADERS, encoder.encode([*GET, (b"x", b"b" * 3_000)]), flags=5, stream=1)
    for stream in range(3, 200, 2):
        yield frame(HEADERS, encoder.encode([*GET, *[(b"x", b"b" * 3_000)] * 1_000]), flags=5, stream=stream)


def many_streams() -> Iterator[bytes]:
    """Ten times as many open requests as were agreed on."""
    return (headers(POST, stream=stream, ends=False) for stream in range(1, 2000, 2))


def unread() -> Iterator[bytes]:
    """Requests whose answers have no window to come through."""
    yield frame(SETTINGS, b"\0\4\0\0\0\0")
    for stream in range(1, 200, 2):
        yield headers(GET, stream=stream)


FLOODS = (
    rapid_reset,
    made_you_reset,
    settings,
    pings,
    continuations,
    empty_data,
    priorities,
    windows,
    bombs,
    many_streams,
    unread,
)


def resident_kb(pid: int) -> int:
    [line] = [
        line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS")
    ]
    return int(line.split()[1])


@pytest.mark.parametrize("flood", FLOODS, ids=lambda flood: flood.__name__)
async def test_a_flood_keeps_nobody_else_waiting(
    hostile: Range, flood: Callable[[], Iterator[bytes]]
) -> None:
    assert await next_client(hostile, PORT) == ("200", hostile.worker)
    before = resident_kb(hostile.worker)
    reader, writer = await connected(hostile, PORT)
    # Its answers are taken, so that what is sent is all that there is to it.
    taking = asyncio.create_task(reader.read(-1))
    sending = asyncio.create_task(pour(writer, PREFACE + frame(SETTINGS), *flood()))
    for _ in range(5):
        began = time.monotonic()
        assert await next_client(hostile, PORT) == ("200", hostile.worker)
        assert time.monotonic() - began < 2
    await sending
    writer.transport.abort()
    taking.cancel()
    assert await next_client(hostile, PORT) == ("200", hostile.worker)
    assert resident_kb(hostile.worker) - before < MEMORY_MAX_KB
    assert hostile.target.faults == []


async def pour(writer: asyncio.StreamWriter, *portions: bytes) -> None:
    """Everything, or until the other end has had enough."""
    try:
        for portion in portions:
            writer.write(portion)
            await writer.drain()
            # The other clients of this process must not wait for it.
            await asyncio.sleep(0)
    except ConnectionError:
        pass
