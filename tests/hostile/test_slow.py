"""Clients that take their time, or break off: they wait alone."""

from __future__ import annotations

import asyncio
import time

import pytest
from tests.hostile.cases import MODES, chunked, post, request
from tests.hostile.exchange import AFTER, IDLE_SECONDS, PORTS, Range, statuses_of

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(60)]

PLAIN = request()


async def drip(hostile: Range, mode: str, *portions: bytes, pause: float) -> tuple[tuple[int, ...], float]:
    """The statuses for what is sent bit by bit, and how long the connection lasted."""
    hostile.target.forget()
    began = time.monotonic()
    reader, writer = await asyncio.open_connection(hostile.lab.address, PORTS[mode])
    answer = asyncio.create_task(reader.read())
    for portion in portions:
        if answer.done():
            break
        writer.write(portion)
        await asyncio.sleep(pause)
    async with asyncio.timeout(10):
        statuses = statuses_of(await answer)
    writer.close()
    return statuses, time.monotonic() - began


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("nothing", b""),
        ("half a method", b"GE"),
        ("a request line", b"GET /a HTTP/1.1\r\n"),
        ("headers without their end", PLAIN[:-2]),
    ],
)
async def test_a_client_that_stops_in_its_headers_is_408(hostile: Range, name: str, raw: bytes) -> None:
    statuses, lasted = await drip(hostile, "defensive", raw, pause=0)
    assert statuses == ((408,) if raw else ()), name
    assert IDLE_SECONDS - 0.2 < lasted < IDLE_SECONDS + 2
    assert hostile.target.reached == []


async def test_headers_byte_by_byte_do_not_outlast_the_idle_timeout(hostile: Range) -> None:
    """Each byte would reset AWS's clock; ours runs over all the headers."""
    portions = [PLAIN[index : index + 1] for index in range(len(PLAIN) - 1)]
    statuses, lasted = await drip(hostile, "defensive", *portions, pause=0.2)
    assert statuses == (408,)
    assert lasted < IDLE_SECONDS + 2
    assert hostile.target.reached == []


async def test_a_hundred_slow_clients_keep_nobody_waiting(hostile: Range) -> None:
    slow = [asyncio.create_task(drip(hostile, "defensive", PLAIN[:-2], pause=0)) for _ in range(100)]
    await asyncio.sleep(0.2)
    began = time.monotonic()
    assert await hostile.next_client("defensive") == hostile.all_is_well
    assert time.monotonic() - began < 1
    assert {statuses for statuses, _ in await asyncio.gather(*slow)} == {(408,)}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("a length", post(b"Content-Length: 10", body=b"abc")),
        ("a chunk", chunked(b"a\r\nabc")),
        ("chunks without their end", chunked(b"3\r\nabc\r\n")),
    ],
)
@pytest.mark.proves("status:408")
async def test_a_body_that_does_not_end_is_no_request(
    hostile: Range, mode: str, name: str, raw: bytes
) -> None:
    statuses, lasted = await drip(hostile, mode, raw, pause=0)
    assert statuses == (408,), name
    assert lasted < IDLE_SECONDS + 2
    assert (hostile.target.reached, hostile.target.faults) == ([], [])
    assert await hostile.next_client(mode) == hostile.all_is_well


@pytest.mark.parametrize("mode", MODES)
async def test_a_body_that_breaks_on_its_way_is_no_request(hostile: Range, mode: str) -> None:
    """What is well formed has been sent on; the target sees that the rest does not come."""
    statuses, lasted = await drip(hostile, mode, chunked(b"3\r\nabc\r\n"), b"xyz\r\n" + AFTER, pause=0.3)
    assert statuses == (400,)
    assert lasted < IDLE_SECONDS
    assert (hostile.target.reached, hostile.target.faults) == ([], [])
    assert await hostile.next_client(mode) == hostile.all_is_well


async def test_a_client_that_leaves_in_its_body_is_forgotten(hostile: Range) -> None:
    hostile.target.forget()
    for raw in (post(b"Content-Length: 10", body=b"abc"), chunked(b"a\r\nabc"), PLAIN[:-2], b"GE"):
        _, writer = await asyncio.open_connection(hostile.lab.address, PORTS["defensive"])
        writer.write(raw)
        await writer.drain()
        writer.transport.abort()
    assert await hostile.next_client("defensive") == hostile.all_is_well
    assert [one.target for one in hostile.target.reached] == ["/after"]
    assert hostile.target.faults == []
