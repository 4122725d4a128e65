"""What the slices say: medians of each load balancer in each case, and whether the goals are reached."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.load_balancer.wrk import Slice
from bench.measuring.results import Goal
from bench.peers.cases import Case

BARE = "bare HAProxy"
# By peer: how many times as many requests the product is to answer a second of CPU time.
GOALS: Mapping[str, Goal] = {
    BARE: Goal(0.90, unit="x"),
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
    """The product against one peer: the ratio of each case. `bounds`: what a bare HAProxy, which does nothing
    but forward, reaches against the same peer; empty for itself, and where it was not in the run."""

    peer: str
    ratios: Mapping[Case, float]
    bounds: Mapping[Case, float]

    @property
    def mean(self) -> float:
        return geometric_mean(self.ratios)

    @property
    def missed(self) -> list[Case]:
        return [case for case, ratio in self.ratios.items() if ratio < GOALS[self.peer].bound]

    @property
    def out_of_reach(self) -> list[Case]:
        """The missed cases in which a bare HAProxy misses the goal too."""
        goal = GOALS[self.peer].bound
        return [case for case in self.missed if case in self.bounds and self.bounds[case] < goal]


def geometric_mean(ratios: Mapping[Case, float], *, handshakes: bool = True) -> float:
    """`handshakes`: whether cases count that make a TLS handshake for each request. NaN of none."""
    logs = [math.log(ratio) for case, ratio in ratios.items() if handshakes or not case.is_handshake]
    return math.exp(statistics.fmean(logs)) if logs else math.nan


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
        Verdict(peer, _ratios(found, peer, ours), _ratios(found, peer, BARE) if peer != BARE else {})
        for peer in peers
    ]


def _ratios(found: Mapping[Case, Mapping[str, Figures]], peer: str, other: str) -> dict[Case, float]:
    """How many requests `other` answers in the CPU time of one of the peer's."""
    return {
        case: figures[peer].cpu / figures[other].cpu
        for case, figures in found.items()
        if peer in figures and other in figures
    }
