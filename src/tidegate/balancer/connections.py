"""What HAProxy's proxies have counted since they were last asked, over workers that come and go."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import structlog

from tidegate.balancer.decisions.traffic.connections import Counters, Proxy, counters, grown
from tidegate.balancer.haproxy.process import HaproxyProcess
from tidegate.balancer.haproxy.socket import HaproxyGoneError, table_rows

# HAProxy reads commands into one buffer.
_BACKENDS_AT_ONCE = 100
# Backends are asked for by their names: HAProxy walks through the servers of all that it is asked for.
_FRONTENDS = "show stat -1 1 -1"
_INFORMATION = "show info"

_log = structlog.get_logger(__name__)


class Connections:
    """`dropped_lines`: of the access log, which HAProxy could not write."""

    def __init__(self, process: HaproxyProcess) -> None:
        self._process = process
        self._counted: dict[Proxy, Counters] = {}
        self._dropped: dict[int, int] = {}
        self.dropped_lines = 0

    async def grown(self, backends: Sequence[str]) -> Mapping[str, Counters]:
        """What all frontends and these backends have counted since each was last asked, by name."""
        now: dict[Proxy, Counters] = {}
        try:
            for texts in _questions(backends):
                answers = await self._process.ask_workers(*texts)
                self._note_dropped(answers)
                now |= {
                    (pid, row["pxname"]): counters(row)
                    for pid, answer in answers.items()
                    for row in table_rows(answer)
                }
        except HaproxyGoneError as error:
            _log.warning("haproxy is away", error=str(error))
        before = self._counted
        pids = {pid for pid, _ in now}
        self._counted = {proxy: one for proxy, one in before.items() if proxy[0] in pids} | now
        return grown(before, now)

    def _note_dropped(self, answers: Mapping[int, str]) -> None:
        for pid, answer in answers.items():
            found = re.search(r"^DroppedLogs: (\d+)", answer, re.MULTILINE)
            if found is not None:
                before = self._dropped.get(pid, 0)
                self._dropped[pid] = int(found[1])
                self.dropped_lines += max(0, int(found[1]) - before)
        self._dropped = {pid: count for pid, count in self._dropped.items() if pid in answers}


def _questions(backends: Sequence[str]) -> Iterator[list[str]]:
    yield [_FRONTENDS, _INFORMATION]
    for start in range(0, len(backends), _BACKENDS_AT_ONCE):
        yield [f"show stat {name} 2 -1" for name in backends[start : start + _BACKENDS_AT_ONCE]]
