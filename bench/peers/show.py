"""The tables that the comparison prints.

*core*: the share of its core that a load balancer used; *CPU ms/1,000*: its CPU time of 1,000 requests, and
*beside* that of what works for it elsewhere; *Tidegate by CPU*: how many requests Tidegate answers in the CPU
time of one of the other's; *by rate*: requests a second, which say something only where both cores are full.
In the last table the means are geometric, of all cases and of those without a TLS handshake for each request;
on the right stands what a bare HAProxy reaches against the same peer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.measuring.results import print_table
from bench.peers.cases import Case
from bench.peers.verdict import GOALS, Figures, Verdict, geometric_mean

_OURS = "Tidegate"
# Where a load balancer leaves more of its core unused, something else decides how many requests it answers.
_FULL = 0.85


def case(case: Case, found: Mapping[str, Figures]) -> None:
    ours = found[_OURS]
    rows = [_row(name, figures, ours) for name, figures in found.items()]
    columns = (
        *("", "requests/s", "p50 ms", "p99 ms", "core", "CPU ms/1,000", "beside"),
        *("Tidegate by CPU", "by rate", "goal", ""),
    )
    print_table(str(case), columns, rows)


def _row(name: str, figures: Figures, ours: Figures) -> tuple[str, ...]:
    cells = (
        name,
        f"{figures.rate:,.0f}",
        f"{figures.p50 * 1000:.2f}",
        f"{figures.p99 * 1000:.2f}",
        f"{figures.busy:.0%}",
        f"{figures.cpu * 1e6:.1f}",
        f"{figures.beside * 1e6:.1f}" if figures.beside else "",
    )
    if name not in GOALS:
        return (*cells, "", "", "", "")
    ratio, goal = figures.cpu / ours.cpu, GOALS[name]
    both_full = min(figures.busy, ours.busy) >= _FULL
    by_rate = f"{ours.rate / figures.rate:.2f}x" if both_full else "-"
    return (*cells, f"{ratio:.2f}x", by_rate, str(goal), goal.reached(ratio))


def verdicts(given: Sequence[Verdict]) -> None:
    """How many requests the product answers for each of a peer's, in the same CPU time."""
    columns = (
        *("Tidegate against", "mean", "no handshakes", "worst", "which is", "goal", "reached in", ""),
        *("bare: mean", "no handshakes", "reached in"),
    )
    print_table("Requests in the same CPU time, and what a bare HAProxy has", columns, [*map(_line, given)])
    for one in given:
        for case in one.out_of_reach:
            bound = f"{one.bounds[case]:.2f}x"
            print(f"Not even a bare HAProxy reaches {GOALS[one.peer]} of {one.peer}: {case}, {bound}")


def _line(one: Verdict) -> tuple[str, ...]:
    worst = min(one.ratios, key=lambda case: one.ratios[case])
    goal = GOALS[one.peer]
    return (
        one.peer,
        *_means(one.ratios),
        f"{one.ratios[worst]:.2f}x",
        str(worst),
        str(goal),
        f"{len(one.ratios) - len(one.missed)} of {len(one.ratios)}",
        goal.reached(one.ratios[worst]),
        *(_means(one.bounds) if one.bounds else ("", "")),
        f"{sum(ratio >= goal.bound for ratio in one.bounds.values())}" if one.bounds else "",
    )


def _means(ratios: Mapping[Case, float]) -> tuple[str, str]:
    """Of all cases, and of those without a TLS handshake for each request."""
    return f"{geometric_mean(ratios):.2f}x", f"{geometric_mean(ratios, handshakes=False):.2f}x"
