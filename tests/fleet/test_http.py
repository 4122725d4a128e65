"""The small HTTP client, against servers that answer in every way that HTTP/1.1 has."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tidegate.fleet.http import Peer, UnreachableError, request, sent

Answerer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def a_server(*parts: bytes, path: Path | None = None) -> AsyncIterator[tuple[Peer, list[bytes]]]:
    """Answers every request with the parts, one after the other, and closes. Also what it was asked."""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        size = next(
            (int(li.split(b":")[1]) for li in head.split(b"\r\n") if li.startswith(b"Content-Len")), 0
        )
        asked.append(head + await reader.readexactly(size))
        for part in parts:
            writer.write(part)
            await writer.drain()
        writer.close()

    if path is not None:
        server: asyncio.Server = await asyncio.start_unix_server(answer, path)
        peer = Peer(path=str(path))
    else:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        peer = Peer(host="127.0.0.1", port=server.sockets[0].getsockname()[1])
    async with server:
        yield peer, asked


@pytest.mark.parametrize(
    ("parts", "body"),
    [
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"], b"hello"),
        ([b"HTTP/1.1 200 OK\r\nContent-Le", b"ngth: 5\r\n\r\nhe", b"llo"], b"hello"),
        (
            [
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n",
                b"2\r\nlo\r\n0\r\n\r\n",
            ],
            b"hello",
        ),
        ([b"HTTP/1.0 200 OK\r\n\r\nhel", b"lo"], b"hello"),
        ([b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"], b""),
        ([b"HTTP/1.1 204 No Content\r\n\r\n"], b""),
    ],
)
async def test_a_body_is_read_however_it_is_framed(parts: list[bytes], body: bytes) -> None:
    async with a_server(*parts) as (peer, _):
        assert (await request(peer, "GET", "/", timeout_seconds=5)).body == body


async def test_a_request_has_a_host_a_length_and_a_body() -> None:
    async with a_server(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as (peer, asked):
        await request(peer, "POST", "/a?b=c", headers={"X-Y": "z"}, body=b"text", timeout_seconds=5)
        head, _, body = asked[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /a?b=c HTTP/1.1"
    assert {f"Host: 127.0.0.1:{peer.port}", "X-Y: z", "Content-Length: 4"} <= set(lines)
    assert body == b"text"


async def test_a_unix_socket_is_a_peer_like_any_other(tmp_path: Path) -> None:
    async with a_server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK", path=tmp_path / "s") as (peer, _):
        assert (await request(peer, "GET", "/_ping", timeout_seconds=5)).body == b"OK"


async def test_chunks_arrive_before_the_answer_ends() -> None:
    release = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        await release.wait()
        writer.write(b"6\r\nsecond\r\n0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        peer = Peer(host="127.0.0.1", port=server.sockets[0].getsockname()[1])
        got = []
        async with sent(peer, "GET", "/events") as response:
            async for chunk in response.chunks():
                got.append(chunk)
                release.set()
    assert got == [b"first", b"second"]


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel"],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnumber\r\nhel"],
        [b"SSH-2.0-OpenSSH_9.2\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000],
    ],
)
async def test_an_answer_that_breaks_off_or_is_no_http_is_no_answer(parts: list[bytes]) -> None:
    async with a_server(*parts) as (peer, _):
        with pytest.raises(UnreachableError):
            await request(peer, "GET", "/", timeout_seconds=5)


async def test_a_silent_server_is_unreachable_after_the_timeout() -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as server:
        peer = Peer(host="127.0.0.1", port=server.sockets[0].getsockname()[1])
        with pytest.raises(UnreachableError, match="within"):
            await request(peer, "GET", "/", timeout_seconds=0.05)


async def test_nobody_there_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError):
        await request(Peer(path=str(tmp_path / "none")), "GET", "/", timeout_seconds=5)


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("http://127.0.0.1:4566", "127.0.0.1:4566"),
        ("http://control", "control"),
        ("https://control:443/acs", "control"),
        ("https://control:80", "control:80"),
        ("http://[::1]:4566", "[::1]:4566"),
    ],
)
def test_the_host_header_leaves_out_the_schemes_own_port(url: str, authority: str) -> None:
    assert Peer.of(url).authority == authority
