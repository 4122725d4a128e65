"""A client that sends frames as they are, and tells what became of the stream that it began."""

from __future__ import annotations

import asyncio
import ssl

import hpack
from hyperframe.frame import ContinuationFrame, Frame, GoAwayFrame, HeadersFrame, RstStreamFrame
from tests.hostile.exchange import TLS_PORTS, Range
from tests.hostile.frames import PREFACE, SETTINGS, frame, get
from tests.hostile.http2_cases import Http2Case

_CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_CONTEXT.check_hostname = False
_CONTEXT.verify_mode = ssl.CERT_NONE
_CONTEXT.set_alpn_protocols(["h2"])
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def connected(hostile: Range, mode: str) -> Connection:
    return await asyncio.open_connection(hostile.lab.address, TLS_PORTS[mode], ssl=_CONTEXT)


async def play(hostile: Range, case: Http2Case, mode: str) -> tuple[str, list[tuple[str, bytes]]]:
    """What became of the case's stream, and the requests that reached the target."""
    hostile.target.forget()
    reader, writer = await connected(hostile, mode)
    try:
        writer.write(case.begins + case.frames)
        async with asyncio.timeout(10):
            outcome = await end_of_first_stream(reader)
    finally:
        writer.close()
    return outcome, [(one.target, one.body) for one in hostile.target.reached]


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


async def next_client(hostile: Range, mode: str) -> tuple[str, int]:
    """What the next client of HTTP/2 is answered, and by which worker."""
    reader, writer = await connected(hostile, mode)
    writer.write(PREFACE + frame(SETTINGS) + get())
    async with asyncio.timeout(5):
        status = await end_of_first_stream(reader)
    writer.close()
    return status, await hostile.lab.worker()
