"""HAProxy's workers that have been replaced, and finish what they have: WebSockets, long answers, and one
more request on each idle connection. They are told of targets as the present one is, so that what they still
send goes where it should, and a target that is gone from all of them is known to be free.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import structlog

from tidegate.balancer.decisions.old_workers import over
from tidegate.balancer.decisions.servers import lines
from tidegate.balancer.haproxy.process import HaproxyProcess
from tidegate.balancer.haproxy.socket import HaproxyGoneError, table_rows

_log = structlog.get_logger(__name__)


class OldWorkers:
    def __init__(self, process: HaproxyProcess) -> None:
        self._process = process
        # When each was first seen to be replaced, monotonic seconds.
        self._since: dict[int, float] = {}
        self._astray: frozenset[int] = frozenset()
        # How often a worker may have been replaced. What was seen before the last time is not all.
        self._version, self._seen, self._reloads = 0, -1, 0

    @property
    def _is_known(self) -> bool:
        return self._seen == self._version and not self._reloads

    @property
    def may_exist(self) -> bool:
        return bool(self._since) or not self._is_known

    @property
    def are_told(self) -> bool:
        """Whether each knows what the present worker knows of targets."""
        return self.standing is not None

    @property
    def standing(self) -> int | None:
        """None unless each knows what the present worker knows of targets. Another number: another worker
        may have been replaced meanwhile."""
        return self._version if self._is_known and not self._astray else None

    def forget(self) -> None:
        """Another HAProxy has been started: which there are is to be seen."""
        self._version += 1

    @contextmanager
    def reloading(self) -> Iterator[None]:
        """While a worker may be replaced, and until somebody has looked afterwards, nothing is known."""
        self._reloads += 1
        try:
            yield
        finally:
            self._reloads -= 1
            self.forget()

    async def look(self) -> None:
        """Know which there are, and end those whose time is over. Raises HaproxyGoneError."""
        version = self._version
        reached, unreached = await self._process.replaced()
        if self._reloads or version != self._version:
            return
        self._seen = version
        now, present = time.monotonic(), {*reached, *unreached}
        self._since = {pid: self._since.get(pid, now) for pid in present}
        self._astray = (self._astray & present) | set(unreached)
        for pid in over(self._since, self._astray, now):
            _log.info("an old worker is ended", pid=pid)
            self._process.end(pid)

    async def tell(self, texts: Sequence[str]) -> None:
        """Commands; what one does not know (a group that is newer than it) is nothing to it."""
        for pid in self._since.keys() - self._astray:
            try:
                for line in lines(f"@!{pid} {_put(text)}" for text in texts):
                    await self._process.ask_master(line)
            except HaproxyGoneError as error:
                _log.warning("an old worker could not be told", pid=pid, error=str(error))
                self._astray |= {pid}

    async def tables(self, backends: Iterable[str]) -> list[dict[str, str]]:
        """Their counters of the servers of backends. Raises HaproxyGoneError."""
        asked = [f"show stat {name} 4 -1" for name in backends]
        answers = [
            await self._process.ask_master(line)
            for pid in self._since.keys() - self._astray
            for line in lines(f"@!{pid} {text}" for text in asked)
        ]
        return [row for answer in answers for row in table_rows(answer)]


def _put(text: str) -> str:
    """A command in the words that a replaced worker takes (`old.lua`)."""
    ending, setting = "shutdown sessions server ", "set server "
    if text.startswith(ending):
        return f"put server {text.removeprefix(ending)} end"
    return f"put server {text.removeprefix(setting)}" if text.startswith(setting) else text
