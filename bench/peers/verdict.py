"""What the slices say: medians of each load balancer in each case, and whether the goals are reached."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.load_balancer.wrk import Slice
from bench.measuring.results import Goal
from bench.peers.cases import Case

# By peer: how many times as many requests the product is to answer a second of CPU time.
GOALS: Mapping[str, Goal] = {
    "bare HAProxy": Goal(0.90, unit="x"),
    "nginx": Goal(1, unit="x"),
    "Envoy": Goal(2.5, unit="x"),
    "Caddy": Goal(4, unit="x"),
    "MiniStack": Goal(50, unit="x"),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """Medians. Latencies in seconds; `cpu` and `beside`: CPU time of a request, seconds, on its path and of
    what works for it elsewhere; `busy`: the share of its core that the load balancer used."""

    rate: float
    p50: float
    p99: float
    cpu: float
    beside: float
    busy: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """The product against one peer: the ratio of each case, and their geometric mean."""

    peer: str
    ratios: Mapping[Case, float]

    @property
    def mean(self) -> float:
        return math.exp(statistics.fmean(math.log(ratio) for ratio in self.ratios.values()))

    @property
    def missed(self) -> list[Case]:
        return [case for case, ratio in self.ratios.items() if ratio < GOALS[self.peer].bound]


def medians(slices: Sequence[Slice]) -> Figures:
    def median(figure: Callable[[Slice], float]) -> float:
        return statistics.median(map(figure, slices))

    return Figures(
        rate=median(lambda one: one.rate),
        p50=median(lambda one: one.p50),
        p99=median(lambda one: one.p99),
        cpu=median(lambda one: one.proxy_microseconds) / 1e6,
        beside=median(lambda one: one.python_seconds / one.requests),
        busy=median(lambda one: one.busy),
    )


def verdicts(found: Mapping[Case, Mapping[str, Figures]], ours: str) -> list[Verdict]:
    """Of each peer that has a goal, over the cases that both were asked in."""
    peers = dict.fromkeys(name for figures in found.values() for name in figures if name in GOALS)
    return [
        Verdict(
            peer,
            {
                case: figures[peer].cpu / figures[ours].cpu
                for case, figures in found.items()
                if peer in figures and ours in figures
            },
        )
        for peer in peers
    ]
