"""The supervisor's own jobs do not end in silence."""

from __future__ import annotations

import asyncio

import pytest

from tidegate.cli.upkeep import persistently


async def test_work_that_fails_or_ends_is_told_and_begun_again() -> None:
    told: list[str] = []
    runs = asyncio.Queue[BaseException | None]()
    for outcome in (OSError(28, "No space left on device"), None, RuntimeError("a bug")):
        runs.put_nowait(outcome)

    async def work() -> None:
        outcome = await runs.get()
        if outcome is not None:
            raise outcome

    job = asyncio.create_task(persistently("log rotation", work, told.append))
    async with asyncio.timeout(10):
        while len(told) < 3:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    assert told == [
        "log rotation failed (OSError: [Errno 28] No space left on device); again in 0 s",
        "log rotation ended; again in 0.5 s",
        "log rotation failed (RuntimeError: a bug); again in 1 s",
    ]
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
