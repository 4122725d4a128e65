"""The same requests at the address that all load balancers share: a router reads them before their frontend.

What the router has written anew may be taken where the client's own words would not be, and its client's
connection goes on; but nothing is mangled, nothing hidden comes out, and the router goes on too.
"""

from __future__ import annotations

import pytest
from tests.hostile.cases import MODES, Case
from tests.hostile.exchange import Range
from tests.hostile.test_requests import CASES

from tidegate.balancer.decisions.configuration.names import NAMES_ADDRESS

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(60)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_a_hostile_request_by_name_reaches_no_target_mangled(hostile: Range, case: Case) -> None:
    for mode in MODES:
        paths = (await hostile.play(case, mode, NAMES_ADDRESS)).paths
        assert set(paths) <= {*case.outcome(mode).paths, "/a", "/after"}, mode
        assert hostile.target.faults == []
        assert case.odd or not any(one.odd for one in hostile.target.reached)
        if case.body is not None and "/a" in paths:
            assert hostile.target.reached[0].body == case.body
        assert await hostile.next_client(mode, NAMES_ADDRESS) == hostile.all_is_well
