"""What hints at a dead or failing target: lines of the error log, then its backend's counters.

HAProxy writes a line to the error log for each request that was retried, sent elsewhere, or answered with
5xx. The server in the line is the one that answered in the end, not the one that failed, so a line names a
backend only; its servers' counters tell the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tidegate.balancer.decisions.access_log import read
from tidegate.balancer.decisions.anomalies import Counts
from tidegate.balancer.decisions.eligibility import Key
from tidegate.balancer.decisions.servers import server_name

_SERVER_FAILED = ("S", "s")
_CLIENT_LEFT = ("C", "c")
# Connects that failed, answers that did not come, and both where a retry mended them.
_ANSWERS = ("hrsp_1xx", "hrsp_2xx", "hrsp_3xx", "hrsp_4xx", "hrsp_5xx", "hrsp_other")
_ERRORS = ("econ", "eresp", "wretr", "wredis")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Backends, without their zones. `suspected`: in which a target failed a request by not taking it or not
    answering. `failing`: those, and in which one gave a 5xx answer."""

    suspected: frozenset[str]
    failing: frozenset[str]


def evidence(lines: Iterable[str]) -> Evidence:
    """What lines of the error log say. Left out: messages of HAProxy's own, and clients that went away."""
    suspected, failing = set(), set()
    for line in lines:
        said = read(line)
        if said is None:
            continue
        backend = said.backend.partition(".")[0]
        if said.retries not in ("0", "+0") or said.termination.startswith(_SERVER_FAILED):
            suspected.add(backend)
        if not said.termination.startswith(_CLIENT_LEFT):
            failing.add(backend)
    return Evidence(frozenset(suspected), frozenset(failing | suspected))


def error_count(row: Mapping[str, str]) -> int:
    """Of a server's row of `show stat`."""
    return sum(int(row.get(name) or 0) for name in _ERRORS)


def counts(row: Mapping[str, str]) -> Counts:
    """Of a server's row of `show stat`: what it was sent, and what of that it failed."""
    answers = {name: int(row.get(name) or 0) for name in _ANSWERS}
    unanswered = sum(int(row.get(name) or 0) for name in ("econ", "eresp"))
    return Counts(sum(answers.values()) + unanswered, answers["hrsp_5xx"] + unanswered)


def sessions(rows: Iterable[Mapping[str, str]], keys: Iterable[Key]) -> dict[Key, int]:
    """Requests in flight at targets, of those that the rows of `show stat` speak of."""
    counted: dict[str, int] = {}
    for row in rows:
        counted[row["svname"]] = counted.get(row["svname"], 0) + int(row.get("scur") or 0)
    return {key: counted[name] for key in keys if (name := server_name(*key)) in counted}


def suspected_servers(before: Mapping[str, int], now: Mapping[str, int]) -> frozenset[str]:
    """Servers whose count of errors has grown; a count that shrank began anew with a new worker."""
    return frozenset(name for name, count in now.items() if count and count != before.get(name, 0))
