"""A client that sends frames as they are, and tells what became of the stream that it began."""

from __future__ import annotations

import asyncio
import ssl

import hpack
from hyperframe.frame import ContinuationFrame, Frame, GoAwayFrame, HeadersFrame, RstStreamFrame
from tests.hostile.exchange import Range
from tests.hostile.frames import PREFACE, SETTINGS, frame, get
from tests.hostile.http2_cases import Http2Case

_CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_CONTEXT.check_hostname = False
_CONTEXT.verify_mode = ssl.CERT_NONE
_CONTEXT.set_alpn_protocols(["h2"])
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def connected(hostile: Range, port: int) -> Connection:
    return await asyncio.open_connection(hostile.lab.address, port, ssl=_CONTEXT)


async def play(hostile: Range, case: Http2Case, port: int) -> str:
    """What became of the case's stream."""
    hostile.target.forget()
    hostile.http2.requests.clear()
    reader, writer = await connected(hostile, port)
    try:
        writer.write(case.begins + case.frames)
        async with asyncio.timeout(10):
            return await end_of_first_stream(reader)
    finally:
        writer.close()


async def end_of_first_stream(reader: asyncio.StreamReader) -> str:
    """A status, `reset`, or `ended`."""
    decoder = hpack.Decoder()
    try:
        while True:
            known, length = Frame.parse_frame_header(memoryview(await reader.readexactly(9)))
            known.parse_body(memoryview(await reader.readexactly(length)))
            if isinstance(known, GoAwayFrame):
                return "ended"
            if isinstance(known, RstStreamFrame):
                return "reset"
            if isinstance(known, HeadersFrame | ContinuationFrame):
                return str(dict(decoder.decode(known.data))[":status"])
    except (asyncio.IncompleteReadError, ConnectionError):
        return "ended"


async def next_client(hostile: Range, port: int) -> tuple[str, int]:
    """What the next client of HTTP/2 is answered, and by which worker."""
    reader, writer = await connected(hostile, port)
    writer.write(PREFACE + frame(SETTINGS) + get())
    async with asyncio.timeout(5):
        status = await end_of_first_stream(reader)
    writer.close()
    return status, await hostile.lab.worker()
