"""HAProxy's workers that have been replaced, and finish what they have: WebSockets, long answers, and one
more request on each idle connection. They are told of targets as the present one is, so that what they still
send goes where it should, and a target that is gone from all of them is known to be free.

Of each is known what it has heard, and at each turn it is told what is otherwise by then: what it has missed
it hears at the next one. Whoever did not answer is first asked what it has.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog

from tidegate.balancer.decisions.old_workers import Servers, changes, over, own_servers, surplus
from tidegate.balancer.decisions.servers import Server, after, lines
from tidegate.balancer.decisions.stickiness import maps, removals
from tidegate.balancer.haproxy.process import HaproxyProcess
from tidegate.balancer.haproxy.socket import HaproxyGoneError, table_rows

# In which what is no longer wanted is deleted, and somebody looks which there are.
_LOOK_EVERY_SECONDS = 1.0
# For which the others wait for one that does not answer.
_PATIENCE_SECONDS = 0.3

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Worker:
    """`since`: when it was first seen to be replaced; `silent_since`: since when it has not heard of targets,
    None while it does (monotonic seconds). `told`: its servers by backend, None where that is to be asked;
    `cuts`: servers, by backend and name, at which what was in flight has been ended, and the
    number of the last such cut;
    `hearing`: what it is being told, by `telling`."""

    pid: int
    since: float
    is_reached: bool
    silent_since: float | None = None
    told: dict[str, dict[str, Server]] | None = None
    cuts: dict[tuple[str, str], int] = field(default_factory=dict)
    hearing: Servers = field(default_factory=dict)
    telling: asyncio.Task[None] | None = None

    def knows(self, wanted: Servers, maps_folder: str) -> bool:
        """Whether it has heard this of these backends, and is not hearing anything else."""
        if self.told is None or changes(self.told, wanted, maps_folder):
            return False
        return all(self.hearing.get(backend, servers) == servers for backend, servers in wanted.items())

    def stop_telling(self) -> None:
        if self.telling is not None:
            self.telling.cancel()

    def lingers(self, backend: str, name: str) -> bool:
        return self.told is None or name in self.told.get(backend, {})


class OldWorkers:
    """`maps_folder`: of the maps of groups that are sticky. `news` is set when they are to be told of
    something."""

    def __init__(self, process: HaproxyProcess, maps_folder: str) -> None:
        self._process = process
        self._maps_folder = maps_folder
        self._workers: dict[int, _Worker] = {}
        # Servers that get nothing new, at which what was in flight was to be ended, and the last such cut.
        self._cuts: dict[tuple[str, str], int] = {}
        self._cut_count = 0
        # How often a worker may have been replaced. What was seen before the last time is not all.
        self._version, self._seen, self._reloads = 0, -1, 0
        self._looked = 0.0
        self.news = asyncio.Event()

    @property
    def _is_known(self) -> bool:
        return self._seen == self._version and not self._reloads

    @property
    def may_exist(self) -> bool:
        return bool(self._workers) or not self._is_known

    def standing(self, wanted: Servers) -> int | None:
        """None unless each is known, and knows this of these backends. Another number: another worker may
        have been replaced meanwhile."""
        is_told = all(worker.knows(wanted, self._maps_folder) for worker in self._workers.values())
        return self._version if self._is_known and is_told else None

    def backends(self) -> set[str] | None:
        """Those that any of them has; None while that is not known of all."""
        told = [worker.told for worker in self._workers.values() if worker.is_reached]
        if not self._is_known or None in told:
            return None
        return {backend for found in told for backend in found or ()}

    def forget(self) -> None:
        """Another HAProxy has been started: which there are is to be seen."""
        self._version += 1
        self.news.set()

    @contextmanager
    def reloading(self) -> Iterator[None]:
        """While a worker may be replaced, and until somebody has looked afterwards, nothing is known."""
        self._reloads += 1
        try:
            yield
        finally:
            self._reloads -= 1
            self.forget()

    def cut(self, backend: str, name: str) -> None:
        """End what is in flight at a server."""
        if self.may_exist:
            self._cut_count += 1
            self._cuts[backend, name] = self._cut_count
            self.news.set()

    def note_open(self, servers: Servers) -> None:
        """These are what the present worker knows: one that is ready may have something in flight again."""
        for backend, name in list(self._cuts):
            server = servers.get(backend, {}).get(name)
            if server is not None and server.is_ready:
                del self._cuts[backend, name]

    async def turn(self, wanted: Servers) -> None:
        """Know which there are, end those whose time is over, and tell each what it does not know. Raises
        HaproxyGoneError."""
        is_due = not self._is_known or time.monotonic() - self._looked >= _LOOK_EVERY_SECONDS
        if is_due:
            await self._look()
        workers = [worker for worker in self._workers.values() if worker.is_reached]
        for worker in workers:
            if worker.telling is not None and worker.telling.done():
                worker.telling.result()
                worker.telling = None
            if worker.telling is None:
                worker.telling = asyncio.create_task(self._tell(worker, wanted, deletes=is_due))
        telling = [worker.telling for worker in workers if worker.telling is not None]
        if telling:
            done, _ = await asyncio.wait(telling, timeout=_PATIENCE_SECONDS)
            for task in done:
                task.result()
        self._forget_cuts(wanted)

    async def tables(self, backends: Iterable[str]) -> list[dict[str, str]]:
        """Their counters of the servers of backends. Raises HaproxyGoneError."""
        asked = [f"show stat {name} 4 -1" for name in backends]
        rows: list[dict[str, str]] = []
        for worker in list(self._workers.values()):
            try:
                rows += table_rows(await self._ask(worker, asked))
            except HaproxyGoneError as error:
                # Asked for the next group, it would take as long again.
                self._note_silence(worker, error)
                raise
        return rows

    async def _look(self) -> None:
        version = self._version
        reached, unreached = await self._process.replaced()
        if self._reloads or version != self._version:
            return
        self._seen, self._looked = version, time.monotonic()
        for pid in self._workers.keys() - {*reached, *unreached}:
            self._workers.pop(pid).stop_telling()
        for pid in (*reached, *unreached):
            if pid not in self._workers or self._workers[pid].is_reached != (pid in reached):
                before = self._workers.get(pid)
                self._workers[pid] = self._first_seen(pid, is_reached=pid in reached)
                if before is not None:
                    before.stop_telling()
        silent = {pid: at for pid, one in self._workers.items() if (at := one.silent_since) is not None}
        for pid in over({pid: one.since for pid, one in self._workers.items()}, silent, self._looked):
            _log.info("an old worker is ended", pid=pid)
            self._process.end(pid)

    def _first_seen(self, pid: int, *, is_reached: bool) -> _Worker:
        known, now = self._workers.get(pid), self._looked
        since = known.since if known is not None else now
        return _Worker(pid, since, is_reached, silent_since=None if is_reached else now)

    async def _tell(self, worker: _Worker, wanted: Servers, *, deletes: bool) -> None:
        try:
            worker.hearing, cuts = wanted, dict(self._cuts)
            told = await self._own_servers(worker) if worker.told is None else worker.told
            await self._ask(worker, changes(told, wanted, self._maps_folder))
            await self._ask(worker, self._ends(worker, told))
            told |= {name: after(told[name], wanted[name]) for name in told.keys() & wanted.keys()}
            if deletes:
                await self._delete(worker, told, wanted)
            worker.told, worker.cuts, worker.silent_since = told, cuts, None
        except HaproxyGoneError as error:
            self._note_silence(worker, error)
        finally:
            worker.hearing = {}

    def _ends(self, worker: _Worker, told: Servers) -> list[str]:
        return [
            f"put server {backend}/{name} end"
            for (backend, name), number in self._cuts.items()
            if worker.cuts.get((backend, name)) != number and name in told.get(backend, {})
        ]

    async def _delete(self, worker: _Worker, told: dict[str, dict[str, Server]], wanted: Servers) -> None:
        """Delete what is no longer wanted; refused while a connection is attached, so again next time.
        Entering maintenance drops the idle connections, a moment later."""
        places = list(surplus(told, wanted))
        answer = await self._ask(worker, [f"del server {backend}/{name}" for backend, name in places])
        outcomes = [line for line in answer.splitlines() if line]
        if len(outcomes) != len(places):
            raise HaproxyGoneError(f"an old worker answers otherwise: {answer[:200]}")
        texts: list[str] = []
        for (backend, name), outcome in zip(places, outcomes, strict=True):
            place = f"put server {backend}/{name} state"
            if "deleted" not in outcome and "No such" not in outcome:
                texts += [f"{place} drain", f"{place} maint"]
                continue
            id_ = told[backend].pop(name).opaque_id
            texts += removals(maps(self._maps_folder, backend), name, id_) if id_ else ()
        await self._ask(worker, texts)

    async def _own_servers(self, worker: _Worker) -> dict[str, dict[str, Server]]:
        answer = await self._ask(worker, ["show backend", "show servers state"])
        found = own_servers(answer)
        if found is None:
            raise HaproxyGoneError(f"an old worker does not say what it has: {answer[:200]}")
        return found

    async def _ask(self, worker: _Worker, texts: Iterable[str]) -> str:
        """What it answers to commands. Raises HaproxyGoneError."""
        asked = lines(f"@!{worker.pid} {text}" for text in texts)
        return "".join([await self._process.ask_master(line) for line in asked])

    def _note_silence(self, worker: _Worker, error: HaproxyGoneError) -> None:
        worker.told = None
        if worker.silent_since is None:
            _log.warning("an old worker could not be told", pid=worker.pid, error=str(error))
            worker.silent_since = time.monotonic()

    def _forget_cuts(self, wanted: Servers) -> None:
        if not self._is_known:
            return
        for backend, name in list(self._cuts):
            is_wanted = name in wanted.get(backend, {})
            if not is_wanted and not any(one.lingers(backend, name) for one in self._workers.values()):
                del self._cuts[backend, name]
