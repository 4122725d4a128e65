"""A target that keeps every byte that reaches it, and two strict parsers that must agree on what they say.

The target itself reads requests as the grammar of HTTP/1.1 has them, and one byte beyond that is a fault;
then h11 reads the same bytes, and must find the same requests.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field

import h11

from tidegate.balancer.decisions.checks import USER_AGENT

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_LINE = re.compile(_TOKEN + rb" [\x21-\x7e]+ HTTP/1\.[01]")
_FIELD = re.compile(_TOKEN + rb": ?[\t\x20-\x7e\x80-\xff]*")
# What a mode may pass on although it is no token, or not ASCII: it says nothing of where a request ends.
_ODD_LINE = re.compile(rb"[^\s\0]+ [^\s\0]+ HTTP/1\.[0-9]")
_ODD_FIELD = re.compile(rb"[^\r\n\0:]+: ?[^\r\n\0]*")
# Nobody but the target looks at what comes behind a body, in the monitor mode.
_ODD_TRAILER = re.compile(rb"[^\n:]+:[^\r\n]*")
_SIZE = re.compile(rb"[0-9A-Fa-f]{1,8}")
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nraw"


class MangledError(Exception):
    """Bytes that a strict parser does not take."""


@dataclass(frozen=True, slots=True)
class Reached:
    """`odd`: the grammar has it not, but where it ends is beyond doubt."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    odd: bool

    def values(self, name: str) -> list[str]:
        return [value for known, value in self.headers if known == name]


@dataclass
class RecordingTarget:
    """`name` and `port` as the lab wants them. `faults`: what was mangled, in words."""

    name: str = "raw"
    port: int = 0
    reached: list[Reached] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        self._server.close()

    def forget(self) -> None:
        self.reached.clear()
        self.faults.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wire = _Wire(reader)
        try:
            while True:
                request = await _read(wire)
                if request.values("user-agent") != [USER_AGENT]:
                    self._record(request, bytes(wire.taken))
                wire.taken.clear()
                writer.write(_ANSWER if request.method != "HEAD" else _ANSWER.removesuffix(b"raw"))
                await writer.drain()
                if request.values("connection") == ["close"]:
                    break
        except MangledError as error:
            self.faults.append(str(error))
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # A client that left in the middle: nobody takes that for a request.
        finally:
            writer.close()

    def _record(self, request: Reached, taken: bytes) -> None:
        self.reached.append(request)
        if not request.odd and (found := _second_opinion(taken)) != request:
            self.faults.append(f"h11 reads {found} where {request} was read, of {taken!r}")


class _Wire:
    """Reads, and keeps what was taken."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self.taken = bytearray()

    async def line(self) -> bytes:
        line = await self._reader.readuntil(b"\n")
        self.taken += line
        if not line.endswith(b"\r\n"):
            raise MangledError(f"a bare LF after {bytes(self.taken)!r}")
        return line[:-2]

    async def exactly(self, count: int) -> bytes:
        data = await self._reader.readexactly(count)
        self.taken += data
        return data


async def _read(wire: _Wire) -> Reached:
    line = await wire.line()
    fields = []
    while field_line := await wire.line():
        fields.append(field_line)
    if not _ODD_LINE.fullmatch(line):
        raise MangledError(f"request line {line!r}")
    if bent := [one for one in fields if not _ODD_FIELD.fullmatch(one)]:
        raise MangledError(f"fields {bent!r}")
    method, target, _ = line.decode("latin-1").split(" ")
    headers = tuple(_header(one) for one in fields)
    body, trailers = await _body(wire, headers)
    odd = not (_LINE.fullmatch(line) and all(map(_FIELD.fullmatch, (*fields, *trailers))))
    return Reached(method, target, headers, body, odd)


def _header(line: bytes) -> tuple[str, str]:
    name, _, value = line.decode("latin-1").partition(":")
    return name.lower(), value.strip(" \t")


async def _body(wire: _Wire, headers: tuple[tuple[str, str], ...]) -> tuple[bytes, list[bytes]]:
    """The body and its trailers. One length in one form, or none: more would leave a target in doubt."""
    lengths = [value for name, value in headers if name == "content-length"]
    codings = [value for name, value in headers if name == "transfer-encoding"]
    if len(lengths) + len(codings) > 1:
        raise MangledError(f"lengths {lengths}, codings {codings}")
    if codings:
        if codings != ["chunked"]:
            raise MangledError(f"codings {codings}")
        return await _chunks(wire)
    if lengths and not re.fullmatch("[0-9]{1,18}", lengths[0]):
        raise MangledError(f"lengths {lengths}")
    return (await wire.exactly(int(lengths[0])) if lengths else b""), []


async def _chunks(wire: _Wire) -> tuple[bytes, list[bytes]]:
    body, trailers = b"", []
    while True:
        size = await wire.line()
        if not _SIZE.fullmatch(size):
            raise MangledError(f"chunk size {size!r}")
        if not int(size, 16):
            break
        body += await wire.exactly(int(size, 16))
        if end := await wire.line():
            raise MangledError(f"{end!r} after a chunk")
    while trailer := await wire.line():
        if not _ODD_TRAILER.fullmatch(trailer):
            raise MangledError(f"trailer {trailer!r}")
        trailers.append(trailer)
    return body, trailers


def _second_opinion(taken: bytes) -> Reached | str:
    """The one request that h11 finds in these bytes; words when it finds none, or more."""
    parser = h11.Connection(h11.SERVER, max_incomplete_event_size=100_000)
    parser.receive_data(taken)
    head: h11.Request | None = None
    body = b""
    try:
        while not isinstance(event := parser.next_event(), h11.EndOfMessage):
            if event is h11.NEED_DATA:
                return "the beginning of a request"
            if isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
    except h11.RemoteProtocolError as error:
        return f"a fault: {error}"
    if head is None or parser.trailing_data[0]:
        return f"more than a request: {parser.trailing_data[0]!r}"
    headers = tuple((name.decode(), value.decode("latin-1")) for name, value in head.headers)
    return Reached(head.method.decode(), head.target.decode(), headers, body, odd=False)
