"""What control is told of a lab's traffic."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import msgspec
from tests.balancer.lab import Lab
from tests.balancer.traffic.world import BALANCER

from tidegate.balancer.decisions.traffic.samples import Span
from tidegate.domain.cloudwatch import Summary
from tidegate.fleet.balancing import TrafficReceipt, TrafficReport
from tidegate.fleet.session import Frame

SPAN = Span(at=1_700_000_000)


class Control:
    """Takes the reports of a lab's balancer."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self.reports: list[TrafficReport] = []
        traffic = lab.balancer._traffic
        traffic._dispatch._send = self._take
        for frame in traffic.unreceived():
            self._take(frame)

    def _take(self, frame: Frame) -> None:
        report = msgspec.json.decode(frame.message, type=TrafficReport)
        self.reports.append(report)
        receipt = TrafficReceipt(source=report.source, sequence=report.sequence)
        self._lab.balancer._traffic.receive(receipt)

    async def total(self, name: str, *dimensions: str, settle: float = 0.1) -> float:
        """What has been reported until now, once HAProxy's last lines are in the log."""
        await asyncio.sleep(settle)
        await self._lab.balancer._traffic.measure(SPAN)
        return sum(one.sum for one in self.summaries(name, *(dimensions or (BALANCER,))))

    def summaries(self, name: str, *dimensions: str) -> list[Summary]:
        return [
            sample.summary
            for report in self.reports
            for sample in report.samples
            if sample.metric.name == name and _values(sample.metric.dimensions) == dimensions
        ]


def _values(dimensions: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(value for _, value in dimensions)
