"""Text of clients that the load balancer copies: into redirects, rewritten URLs, and headers of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.balancer.lab import forward, redirect, rule, values
from tests.hostile.cases import MODES, request
from tests.hostile.exchange import Range, shooting_range, statuses_of

from tidegate.fleet.balancing import EdgeTransform

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(60)]

TO_ELSEWHERE = redirect(host="#{host}", path="/x/#{path}", query="q=#{query}&p=#{path}")
REWRITES = (
    EdgeTransform(type="url-rewrite", rewrites=(("^/rewrite/(.*)$", "/written/$1"),)),
    EdgeTransform(type="host-header-rewrite", rewrites=(("^(.*)$", "$1"),)),
)
RULES = (
    rule(1, TO_ELSEWHERE, values("path-pattern", "/redirect/*")),
    rule(2, forward("raw"), values("path-pattern", "/rewrite/*"), transforms=REWRITES),
)
TEXTS = (
    b"%0d%0aX-Injected:%201",
    b"%0D%0A%0D%0AGET%20/smuggled%20HTTP/1.1%0d%0a",
    b"%0a%20X-Injected:1",
    b"%0dX-Injected:1",
    b"%00",
    b"%25%30%64%25%30%61X-Injected:1",
    b"%E5%98%8A%E5%98%8DX-Injected:1",
    b"%u000d%u000aX-Injected:1",
    b"\\r\\nX-Injected:1",
    b"\xe5\x98\x8a\xe5\x98\x8dX-Injected:1",
    b"\xc2\x85X-Injected:1",
    b"%[req.hdr(host)]",
    b"$1$0\\1\\0",
    b"#{host}#{path}#{query}",
    b'";X-Injected:1',
    b"%%%",
)
COPIED = (b"X-Forwarded-For", b"X-Amzn-Trace-Id", b"X-Forwarded-Port", b"Cookie", b"User-Agent", b"Referer")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ruled(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Range]:
    async with shooting_range(tmp_path_factory.mktemp("injection"), *RULES) as started:
        yield started


async def asked(ruled: Range, raw: bytes, mode: str) -> tuple[int, ...]:
    """The statuses; nothing of the text may have become a header, for the client or for the target."""
    ruled.target.forget()
    answer = await ruled.say(raw, mode)
    assert b"\nx-injected" not in answer.lower()
    assert ruled.target.faults == []
    assert [one for one in ruled.target.reached if one.values("x-injected")] == []
    assert "/smuggled" not in [one.target for one in ruled.target.reached]
    assert await ruled.next_client(mode) == ruled.all_is_well
    return statuses_of(answer)


def closing(line: bytes, *fields: bytes, host: bytes = b"a") -> bytes:
    return request(*fields, b"Connection: close", line=line, host=host)


@pytest.mark.parametrize("text", TEXTS, ids=repr)
@pytest.mark.parametrize("mode", MODES)
async def test_text_of_a_target_stays_text(ruled: Range, text: bytes, mode: str) -> None:
    """Refused, where the parser or a rewritten URL has no room for it; else as it came."""
    for place in (b"/redirect/" + text, b"/redirect/?" + text):
        assert await asked(ruled, closing(b"GET " + place + b" HTTP/1.1"), mode) in [(301,), (400,)]
    for place in (b"/rewrite/" + text, b"/rewrite/?" + text):
        assert await asked(ruled, closing(b"GET " + place + b" HTTP/1.1"), mode) in [(200,), (400,), (500,)]


@pytest.mark.parametrize("text", TEXTS, ids=repr)
@pytest.mark.parametrize("mode", MODES)
async def test_text_of_a_host_stays_text(ruled: Range, text: bytes, mode: str) -> None:
    for path in (b"/redirect/", b"/rewrite/", b"/"):
        raw = closing(b"GET " + path + b" HTTP/1.1", host=b"a" + text)
        assert await asked(ruled, raw, mode) in [(301,), (200,), (400,), (500,)]


@pytest.mark.parametrize("name", COPIED, ids=repr)
async def test_text_of_a_header_stays_text(ruled: Range, name: bytes) -> None:
    for mode in MODES:
        for text in TEXTS:
            raw = closing(b"GET /a HTTP/1.1", name + b": " + text)
            assert await asked(ruled, raw, mode) == (200,)
