"""Many that are woken at once take their turns a few at a time."""

from __future__ import annotations

import asyncio

from tidegate.control.nodes.turns import Turns


async def test_so_many_go_on_in_one_turn_and_the_others_in_order_after_them() -> None:
    turns, went = Turns(per_turn=2), []

    async def go(name: int) -> None:
        await turns.take()
        went.append(name)

    jobs = [asyncio.create_task(go(name)) for name in range(7)]
    seen = []
    while not all(job.done() for job in jobs):
        await asyncio.sleep(0)
        seen.append(len(went))
    steps = [now - before for before, now in zip([0, *seen], seen, strict=False)]
    assert max(steps) == 2
    assert went == list(range(7))


async def test_few_callers_do_not_wait() -> None:
    turns = Turns(per_turn=2)
    for _ in range(2):
        async with asyncio.timeout(0):
            await turns.take()


async def test_one_that_gave_up_waiting_costs_no_other_its_turn() -> None:
    turns = Turns(per_turn=1)
    await turns.take()
    gone, here = asyncio.create_task(turns.take()), asyncio.create_task(turns.take())
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.wait_for(here, 5)


async def test_all_turns_are_free_again_once_everybody_went() -> None:
    turns = Turns(per_turn=1)
    await asyncio.gather(*(turns.take() for _ in range(5)))
    await asyncio.sleep(0)
    async with asyncio.timeout(0):
        await turns.take()
