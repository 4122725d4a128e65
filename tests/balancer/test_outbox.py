"""What waits for a control that is slow."""

from __future__ import annotations

import asyncio

from tidegate.balancer.outbox import Outbox
from tidegate.fleet.balancing import EdgeReport, GroupReport

Report = EdgeReport | GroupReport


def group(name: str, generation: int) -> GroupReport:
    return GroupReport(target_group_arn=name, generation=generation, targets=())


async def test_of_each_group_the_newest_report_alone_is_kept() -> None:
    outbox: Outbox[Report] = Outbox()
    for generation in range(1000):
        outbox.put(group("a", generation))
        outbox.put(group("b", generation))
    assert len(outbox) == 2
    assert [await outbox.get() for _ in range(2)] == [group("a", 999), group("b", 999)]


async def test_of_others_all_are_kept_in_their_order() -> None:
    outbox: Outbox[Report] = Outbox()
    reports = [EdgeReport(generation=1), group("a", 1), EdgeReport(generation=2), EdgeReport(generation=2)]
    for report in reports:
        outbox.put(report)
    assert [await outbox.get() for _ in reports] == reports


async def test_a_report_that_comes_later_is_waited_for() -> None:
    outbox: Outbox[Report] = Outbox()
    waiting = asyncio.create_task(outbox.get())
    await asyncio.sleep(0)
    outbox.put(group("a", 1))
    assert await waiting == group("a", 1)
