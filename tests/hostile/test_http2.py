"""Hostile requests over HTTP/2: nothing that HTTP/1.1 cannot say reaches a target of HTTP/1.1, and nothing
that is none of its own a target of HTTP/2."""

from __future__ import annotations

import pytest
from tests.hostile.exchange import HTTP2_PORTS, TLS_PORTS, Range
from tests.hostile.http2_cases import FRAMES, REQUESTS, Http2Case
from tests.hostile.http2_exchange import next_client, play

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(60)]


@pytest.mark.parametrize("case", [*REQUESTS, *FRAMES], ids=lambda case: case.name)
async def test_a_hostile_request_over_http2_is_contained(hostile: Range, case: Http2Case) -> None:
    for mode, port in TLS_PORTS.items():
        outcome = await play(hostile, case, port)
        assert outcome == case.outcome_in(mode), mode
        reached = [(one.target, one.body) for one in hostile.target.reached]
        assert reached == ([(case.path, case.body)] if outcome == "200" else []), mode
        assert hostile.target.faults == []
        assert await next_client(hostile, port) == ("200", hostile.worker)


@pytest.mark.parametrize("case", REQUESTS, ids=lambda case: case.name)
async def test_a_target_of_http2_gets_what_http2_allows(hostile: Range, case: Http2Case) -> None:
    """It is as strict as the library h2."""
    for mode, port in HTTP2_PORTS.items():
        outcome = await play(hostile, case, port)
        assert outcome == case.outcome_in(mode), mode
        reached = [(one.headers[":path"], one.body) for one in hostile.http2.requests]
        assert reached == ([(case.path, case.body)] if outcome == "200" else []), mode
        assert hostile.http2.faults == []
        assert await next_client(hostile, port) == ("200", hostile.worker)
