"""Makes HAProxy's servers match the documents of groups and the healths of targets, live.

What HAProxy should be is worked out anew each time, and compared with what it was last told (`_known`): one
target's change costs its group's comparison. Whatever HAProxy refuses is mended by a reload, whose file says
everything.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from tidegate.balancer.decisions import configuration
from tidegate.balancer.decisions.anomalies import Anomalies
from tidegate.balancer.decisions.draining import done_early, idle_since, overdue
from tidegate.balancer.decisions.eligibility import Key
from tidegate.balancer.decisions.evidence import sessions
from tidegate.balancer.decisions.health import Health
from tidegate.balancer.decisions.left_groups import LeftGroups
from tidegate.balancer.decisions.pools import Knowledge, backends, zones
from tidegate.balancer.decisions.servers import Server, after, commands, lines, server_name
from tidegate.balancer.decisions.slow_start import SlowStarts, advance, shares
from tidegate.balancer.decisions.stickiness import Stickiness, StickyMaps, map_files, maps, removals
from tidegate.balancer.documents import Documents
from tidegate.balancer.folders import Folder
from tidegate.balancer.haproxy.old_workers import OldWorkers
from tidegate.balancer.haproxy.process import HaproxyProcess
from tidegate.balancer.haproxy.socket import HaproxyGoneError, command, server_table
from tidegate.balancer.sticky_files import persistent_key
from tidegate.balancer.void import Void
from tidegate.fleet.balancing import EdgeDocument, FormerGroupDocument, GroupDocument

_ACCEPTED = ("New server registered.", "Server deleted.", "IP changed", "no need to change")

# A group's backends, and of each the servers by name.
Backends = dict[str, dict[str, Server]]

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class GroupState:
    """What is known of one group's targets. `asked`: those whose health is asked for. `deadlines`: of those
    that drain and are not held, in Unix seconds; `idle`: which of these have nothing in flight, and since
    when (monotonic seconds)."""

    health: dict[Key, Health] = field(default_factory=dict)
    asked: frozenset[Key] = frozenset()
    deadlines: dict[Key, float] = field(default_factory=dict)
    drained: set[Key] = field(default_factory=set)
    idle: dict[Key, float] = field(default_factory=dict)
    slow_starts: SlowStarts = field(default_factory=SlowStarts)
    anomalies: Anomalies = field(default_factory=Anomalies)


class Targets:
    """`lock` is held while HAProxy is told of targets, and by a reload all through. `needs_reload`: what is
    wanted cannot be told."""

    def __init__(self, documents: Documents, process: HaproxyProcess) -> None:
        self.lock = asyncio.Lock()
        self._documents = documents
        self._process = process
        self._void = Void()
        self._maps = Folder(process.configuration.with_name("sticky"))
        key = persistent_key(process.configuration.with_name("stickiness.key"))
        self.stickiness = Stickiness(folder=str(self._maps.path), key=key)
        self._shapes: Mapping[str, object] = {}
        self._known: dict[str, Backends] = {}
        self._groups: dict[str, GroupState] = {}
        self._ramping: set[str] = set()
        self._lingering: set[tuple[str, str, str]] = set()
        self._left = LeftGroups()
        self._zones: tuple[EdgeDocument, Mapping[str, tuple[str, ...]]] = (documents.edge, {})
        self.needs_reload = False
        self.old_workers = OldWorkers(process, self.stickiness.folder)

    def state(self, arn: str) -> GroupState:
        return self._groups.setdefault(arn, GroupState())

    def expect(self, group: GroupDocument) -> None:
        """Take note of a group's targets: what is known of others is of no use any more."""
        state = self.state(group.target_group_arn)
        present = {(target.id, target.port): target.drain_deadline for target in group.targets}
        asked = frozenset((target.id, target.port) for target in group.targets if target.is_zone_enabled)
        # One whose zone is only now enabled begins anew, even if an answer came when it was disabled.
        state.health = {key: health for key, health in state.health.items() if key in asked & state.asked}
        state.asked = asked
        state.deadlines = {key: deadline for key, deadline in present.items() if deadline is not None}
        state.drained &= state.deadlines.keys()
        state.idle = {key: since for key, since in state.idle.items() if key in state.deadlines}

    def forget(self, arn: str) -> None:
        self._groups.pop(arn, None)

    def wanted(self, arn: str) -> Backends:
        """A group's backends as they should be now."""
        group, state = self._documents.groups.get(arn), self.state(arn)
        known = Knowledge(state.health, self._shares(group, state), self._void.place, self.stickiness)
        return backends(arn, group, self._zones_of(arn), known)

    def expect_former(self, document: FormerGroupDocument) -> None:
        """Take note of what has become of a group that the edge does not have any more."""
        arn = document.target_group_arn
        self._left.documents[arn] = document
        deadlines = {(one.id, one.port): one.drain_deadline for one in document.targets}
        state = self.state(arn)
        state.deadlines = {key: at for key, at in deadlines.items() if at is not None}
        state.drained &= state.deadlines.keys()
        self.old_workers.news.set()

    async def tell_old_workers(self) -> None:
        """Have workers that have been replaced know what there is to know now. Raises HaproxyGoneError."""
        await self.old_workers.turn(self._left.of_all(self._known))
        has, former = self.old_workers.backends(), set(self._left.documents)
        if has is not None:
            self._left.keep(has, self._known)
            for arn in former - self._left.documents.keys() - self._documents.groups.keys():
                self.forget(arn)

    def take_effect(self, known: dict[str, Backends], shapes: Mapping[str, object]) -> None:
        """HAProxy has loaded a file: what that says of each group, and in which shape."""
        self._left.note(self._known, known)
        self._known, self._shapes = known, shapes
        self.old_workers.news.set()
        self.old_workers.note_open({name: one for found in known.values() for name, one in found.items()})
        self._maps.tidy()
        self._lingering.clear()
        self._ramping = {arn for arn in known if self.state(arn).slow_starts.began}

    def differing(self, known: Mapping[str, Backends], shapes: Mapping[str, object]) -> set[str]:
        """The groups of which HAProxy knows something else."""
        in_force = {arn: (self._known[arn], self._shapes[arn]) for arn in self._known}
        return {arn for arn in known if (known[arn], shapes[arn]) != in_force.get(arn)}

    def write_maps(self, known: Mapping[str, Backends]) -> None:
        """Put the maps of sticky groups on disk, for a file that is about to be loaded."""
        files: dict[str, str] = {}
        for arn, found in known.items():
            for backend, servers in found.items():
                sticky = self._sticky_maps(arn, backend)
                if sticky is not None:
                    files |= map_files(sticky, ((one.name, one.opaque_id) for one in servers.values()))
        self._maps.write({Path(path).name: text for path, text in files.items()})

    def shape(self, arn: str) -> object:
        """What of a group stands in the file besides its servers."""
        return configuration.shape(self._documents.groups.get(arn), self._zones_of(arn))

    async def apply(self, arn: str) -> None:
        """Bring one group's targets into force, live."""
        async with self.lock:
            if arn not in self._known or arn not in self._documents.groups or not self._process.is_running:
                return
            if self.shape(arn) != self._shapes[arn]:
                self.needs_reload = True
                return
            for backend, wanted in self.wanted(arn).items():
                await self._apply(arn, backend, wanted)
            if self.state(arn).slow_starts.began:
                self._ramping.add(arn)

    async def ramp(self) -> None:
        """Give targets in slow start the share that they have by now."""
        ramping, self._ramping = self._ramping, set()
        for arn in sorted(ramping):
            await self.apply(arn)

    async def finish_drains(self) -> list[str]:
        """Cut off what is still in flight at targets whose time is over. Returns their groups."""
        changed = []
        for arn, state in list(self._groups.items()):
            if state.deadlines.keys() <= state.drained:
                continue
            due = overdue(state.deadlines, time.time()) - state.drained
            if due:
                await self.cut_off(arn, due)
                state.drained |= due
                changed.append(arn)
        return changed

    async def finish_early(self) -> list[str]:
        """Let go of targets that are done before their time, for which old workers are waited for. Returns
        their groups."""
        changed = []
        for arn, state in list(self._groups.items()):
            if not state.deadlines.keys() <= state.drained and (done := await self._done_early(arn, state)):
                state.drained |= done
                changed.append(arn)
        return changed

    async def cut_off(self, arn: str, keys: Iterable[Key]) -> None:
        """End what is in flight at targets: HAProxy gives requests that may be repeated to others."""
        names = [server_name(*key) for key in sorted(keys)]
        for backend in self._of_old_workers(arn):
            for name in names:
                self.old_workers.cut(backend, name)
        await self._tell(
            f"shutdown sessions server {backend}/{name}"
            for backend, known in self._known.get(arn, {}).items()
            for name in names
            if name in known
        )

    def is_open(self, arn: str, key: Key) -> bool:
        """Whether HAProxy, as far as it has been told, may send new requests there."""
        servers = (known.get(server_name(*key)) for known in self._known.get(arn, {}).values())
        return any(server is not None and server.is_ready for server in servers)

    async def delete_lingering(self) -> None:
        """Delete servers that are no longer wanted; refused while a connection is attached, so again next
        time. Entering maintenance drops the idle connections, a moment later."""
        for arn, backend, name in sorted(self._lingering):
            async with self.lock:
                known = self._known.get(arn, {}).get(backend, {})
                is_wanted = (arn, backend, name) not in self._lingering
                if name in known and not is_wanted and await self._is_deleted(f"{backend}/{name}"):
                    id_, sticky = known[name].opaque_id, self._sticky_maps(arn, backend)
                    self._known[arn][backend] = {one: known[one] for one in known if one != name}
                    await self._tell(removals(sticky, name, id_) if sticky is not None and id_ else ())
                    self._lingering.discard((arn, backend, name))

    def backends_of(self, arn: str) -> tuple[str, ...]:
        """The names that HAProxy knows a group by."""
        return tuple(self._known.get(arn, ()))

    async def table(self, arn: str) -> list[dict[str, str]]:
        """HAProxy's counters of a group's servers, one row per server and backend. Raises
        HaproxyGoneError."""
        backends = self._known.get(arn, {})
        return [row for name in backends for row in await server_table(self._process.stats_socket, name)]

    def close(self) -> None:
        self._void.close()

    async def _done_early(self, arn: str, state: GroupState) -> frozenset[Key]:
        group = self._documents.groups.get(arn)
        if group is None or not group.drains_early:
            return frozenset()
        try:
            wanted = self._of_old_workers(arn)
            standing = self.old_workers.standing(wanted)
            if standing is None:
                # A worker that nobody has counted may have requests in flight.
                state.idle = {}
                return frozenset()
            closed = {key for key in state.deadlines if not self.is_open(arn, key)} - state.drained
            old = await self.old_workers.tables(wanted) if closed else []
            in_flight = sessions([*await self.table(arn), *old], closed)
            now = time.monotonic()
            state.idle = idle_since(state.idle, in_flight, now)
            is_sure = self.old_workers.standing(wanted) == standing
            return done_early(state.idle, now) if is_sure else frozenset()
        except HaproxyGoneError as error:
            _log.warning("haproxy is away", error=str(error))
            return frozenset()

    def _of_old_workers(self, arn: str) -> Mapping[str, Mapping[str, Server]]:
        """A group's backends as workers that have been replaced should know them."""
        return self._left.of_group(arn, self._known.get(arn))

    def _zones_of(self, arn: str) -> tuple[str, ...]:
        edge, known = self._zones
        if edge is not self._documents.edge:
            known = zones(self._documents.edge)
            self._zones = (self._documents.edge, known)
        return known.get(arn, ())

    def _shares(self, group: GroupDocument | None, state: GroupState) -> dict[Key, float]:
        if group is None:
            return {}
        if group.algorithm == "weighted_random":
            return {key: judgement.share for key, judgement in state.anomalies.judged.items()}
        now = time.monotonic()
        state.slow_starts = advance(state.slow_starts, group, state.health, now)
        return shares(state.slow_starts, group, now)

    def _sticky_maps(self, arn: str, backend: str) -> StickyMaps | None:
        group = self._documents.groups.get(arn)
        if group is None or group.stickiness is None:
            return None
        return maps(self.stickiness.folder, backend)

    async def _apply(self, arn: str, backend: str, wanted: dict[str, Server]) -> None:
        known = self._known[arn][backend]
        if await self._tell(commands(backend, known, wanted, self._sticky_maps(arn, backend))):
            self._known[arn][backend] = after(known, wanted)
            self.old_workers.note_open(self._known[arn])
            for name in known:
                note = self._lingering.discard if name in wanted else self._lingering.add
                note((arn, backend, name))

    async def _is_deleted(self, place: str) -> bool:
        try:
            answer = await command(self._process.stats_socket, f"del server {place}")
            if "deleted" in answer or "No such" in answer:
                return True
            idle = f"set server {place} state drain; set server {place} state maint"
            await command(self._process.stats_socket, idle)
        except HaproxyGoneError as error:
            _log.warning("haproxy is away", error=str(error))
        return False

    async def _tell(self, texts: Iterable[str]) -> bool:
        """Whether HAProxy heard them. It may be away: it is started again from a file with the present
        states."""
        texts = tuple(texts)
        for line in lines(texts):
            try:
                answer = await command(self._process.stats_socket, line)
            except HaproxyGoneError as error:
                _log.warning("haproxy is away", error=str(error))
                self.needs_reload |= self._process.is_running
                return False
            refusals = [text for text in answer.splitlines() if text and not text.startswith(_ACCEPTED)]
            if refusals:
                _log.error("haproxy refused a command", answer=refusals[:5])
                self.needs_reload = True
        if texts:
            self.old_workers.news.set()
        return True
