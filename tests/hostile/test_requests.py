"""Hostile requests over HTTP/1: each has its outcome, no target gets one mangled, and all goes on."""

from __future__ import annotations

import pytest
from tests.hostile.cases import MODES, Case
from tests.hostile.exchange import Range
from tests.hostile.fields import FIELDS, HOPS
from tests.hostile.framing import CHUNKS, CODINGS, LENGTHS
from tests.hostile.lines import HOSTS, LINES

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(60)]

CASES = (*LENGTHS, *CODINGS, *CHUNKS, *LINES, *HOSTS, *FIELDS, *HOPS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.proves("load-balancer-attribute:routing.http.desync_mitigation_mode", "status:400")
async def test_a_hostile_request_has_the_outcome_of_the_mode(hostile: Range, case: Case) -> None:
    for mode in MODES:
        assert await hostile.play(case, mode) == case.outcome(mode), mode
        assert hostile.target.faults == []
        assert case.odd or not any(one.odd for one in hostile.target.reached)
        if case.body is not None and hostile.target.reached:
            assert hostile.target.reached[0].body == case.body
        assert await hostile.next_client(mode) == hostile.all_is_well
