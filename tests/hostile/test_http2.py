"""Hostile requests over HTTP/2: nothing that HTTP/1.1 cannot say reaches a target of HTTP/1.1."""

from __future__ import annotations

import pytest
from tests.hostile.cases import MODES
from tests.hostile.exchange import Range
from tests.hostile.http2_cases import FRAMES, REQUESTS, Http2Case
from tests.hostile.http2_exchange import next_client, play

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(60)]


@pytest.mark.parametrize("case", [*REQUESTS, *FRAMES], ids=lambda case: case.name)
async def test_a_hostile_request_over_http2_is_contained(hostile: Range, case: Http2Case) -> None:
    for mode in MODES:
        outcome, reached = await play(hostile, case, mode)
        assert outcome == case.outcome_in(mode), mode
        assert reached == ([(case.path, case.body)] if outcome == "200" else []), mode
        assert hostile.target.faults == []
        assert await next_client(hostile, mode) == ("200", hostile.worker)
