"""What operators may know of a running control: what it is not ready for, and where its figures are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tidegate.control.controllers.driver import Driver
from tidegate.control.nodes.application import NodeApplication
from tidegate.control.pages import Receive, Scope, Send, answer
from tidegate.control.store import Store
from tidegate.control.store.series import SeriesStore
from tidegate.fleet.durations import Durations
from tidegate.fleet.exposition import readiness
from tidegate.fleet.loop_lag import LagMeter


@dataclass(slots=True)
class ApiCalls:
    """What was answered: how often, by service, operation and status, and in what time."""

    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter[tuple[str, str, str]])
    durations: dict[tuple[str, str], Durations] = field(default_factory=dict[tuple[str, str], Durations])

    def note(self, service: str, operation: str, status: int, seconds: float) -> None:
        self.counts[service, operation, str(status)] += 1
        known = self.durations.get((service, operation))
        if known is None:
            known = self.durations[service, operation] = Durations()
        known.add(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operated:
    """The parts whose figures are told. `files`: by name the files whose sizes are. Read on any thread, so
    that whoever reads copies what grows before walking over it."""

    region: str
    store: Store
    series: SeriesStore
    driver: Driver
    nodes: NodeApplication
    lag: LagMeter
    calls: ApiCalls
    files: dict[str, Path]

    def waits_for(self) -> Sequence[str]:
        """What keeps control from being ready: it is, once every controller has had its first pass over
        all that was in the store. Requests are answered before that."""
        unseen = self.driver.unseen
        if unseen is None:
            return ("the controllers' first look",)
        return (f"the first pass of {unseen} keys",) if unseen else ()


class ReadyPage:
    """`GET /health/ready` on the port of the APIs, for whoever cannot reach the operators' port. Nobody is
    asked for credentials, as for `/health`."""

    def __init__(self, operated: Operated) -> None:
        self._operated = operated

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        status, content = readiness(self._operated.waits_for())
        await answer(send, status, "application/json", content)
