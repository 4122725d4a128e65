"""What is to be told to control, as fast as control takes it."""

from __future__ import annotations

import asyncio
from typing import Generic, TypeVar

from tidegate.fleet.balancing import GroupReport

Report = TypeVar("Report")


class Outbox(Generic[Report]):
    """In order; of a group the newest report alone, at the place of the first: it says everything."""

    def __init__(self) -> None:
        self._reports: dict[object, Report] = {}
        self._is_filled = asyncio.Event()

    def __len__(self) -> int:
        return len(self._reports)

    def put(self, report: Report) -> None:
        self._reports[report.target_group_arn if isinstance(report, GroupReport) else id(report)] = report
        self._is_filled.set()

    async def get(self) -> Report:
        """The next one; waits for it."""
        while not self._reports:
            self._is_filled.clear()
            await self._is_filled.wait()
        return self._reports.pop(next(iter(self._reports)))
