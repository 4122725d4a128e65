"""Makes HAProxy match the documents: live commands for targets and tables, reloads for all else.

What HAProxy should be is worked out anew from the documents and the healths each time, and compared with
what it was last told (`_known`): one target's change costs its group's comparison. Whatever HAProxy
refuses is mended by a reload, whose file says everything.
"""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from tidegate.balancer.decisions import configuration
from tidegate.balancer.decisions.configuration import Paths, Table
from tidegate.balancer.decisions.eligibility import Key
from tidegate.balancer.decisions.evidence import error_count
from tidegate.balancer.decisions.health import Health
from tidegate.balancer.decisions.servers import (
    Server,
    after,
    backend_name,
    commands,
    lines,
    server_name,
    wanted_servers,
)
from tidegate.balancer.documents import Documents
from tidegate.balancer.haproxy.process import ConfigurationError, HaproxyProcess
from tidegate.balancer.haproxy.socket import HaproxyGoneError, command, server_table
from tidegate.balancer.haproxy.tables import TableRefusedError, Tables
from tidegate.balancer.listeners import bind
from tidegate.fleet.balancing import GroupDocument, ListenerBinding

_ACCEPTED = ("New server registered.", "Server deleted.", "IP changed", "no need to change")

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class GroupState:
    """What is known of one group's targets. `deadlines`: of those that drain and are not held, in Unix
    seconds."""

    health: dict[Key, Health] = field(default_factory=dict)
    deadlines: dict[Key, float] = field(default_factory=dict)
    drained: set[Key] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """What HAProxy's file says: the edge's generation, all but the servers (`frame`), the tables by name,
    and of each group its shape and its servers by name."""

    generation: int
    text: str
    frame: str
    tables: Mapping[str, Table]
    shapes: Mapping[str, object]
    known: dict[str, dict[str, Server]]


class Edge:
    """`pages`: the folder of the answers that the load balancer makes itself. `access_log`, `error_log`:
    descriptors that HAProxy inherits."""

    def __init__(
        self, documents: Documents, process: HaproxyProcess, pages: Path, access_log: int, error_log: int
    ) -> None:
        self._documents = documents
        self._process = process
        self._paths = Paths(
            stats_socket=str(process.stats_socket),
            pages=str(pages),
            tables=str(process.configuration.with_name("tables")),
            access_log=access_log,
            error_log=error_log,
        )
        self._tables = Tables(Path(self._paths.tables), process.stats_socket)
        self._lock = asyncio.Lock()
        self._frame = ""
        self._in_force: Mapping[str, Table] = {}
        self._shapes: Mapping[str, object] = {}
        self._known: dict[str, dict[str, Server]] = {}
        self._groups: dict[str, GroupState] = {}
        self.is_stale = False
        self.needs_reload = False
        self.bindings: tuple[ListenerBinding, ...] = ()
        self.applied_generation = -1

    def state(self, arn: str) -> GroupState:
        return self._groups.setdefault(arn, GroupState())

    def expect(self, group: GroupDocument) -> None:
        """Take note of a group's targets: what is known of others is of no use any more."""
        state = self.state(group.target_group_arn)
        present = {(target.id, target.port): target.drain_deadline for target in group.targets}
        state.health = {key: health for key, health in state.health.items() if key in present}
        state.deadlines = {key: deadline for key, deadline in present.items() if deadline is not None}
        state.drained &= state.deadlines.keys()

    def forget(self, arn: str) -> None:
        self._groups.pop(arn, None)

    async def start(self) -> None:
        """Start HAProxy with everything that the documents say. Raises HaproxyGoneError and
        ConfigurationError."""
        async with self._lock:
            file = self._render()
            await self._put(file)
            await self._process.start()
            self._take_effect(file)

    async def apply(self) -> None:
        """Bring what the documents say of listeners into force: live where only tables differ. A refused
        file leaves the old one in force."""
        async with self._lock:
            is_needed, self.is_stale, self.needs_reload = self.needs_reload, False, False
            if not self._process.is_running:
                return
            file = self._render()
            try:
                if is_needed or file.frame != self._frame or not await self._replace(file.tables):
                    await self._put(file)
                    await self._process.reload()
                    self._take_effect(file)
            except ConfigurationError as error:
                _log.error("reload failed", error=str(error))
            except HaproxyGoneError as error:
                _log.error("haproxy did not answer", error=str(error))
                self.needs_reload = True
            else:
                self.applied_generation = file.generation

    async def apply_group(self, arn: str) -> None:
        """Bring one group's targets into force, live."""
        async with self._lock:
            group, known = self._documents.groups.get(arn), self._known.get(arn)
            if group is None or known is None:
                return
            if configuration.shape(group) != self._shapes[arn]:
                self.needs_reload = True
                return
            wanted = wanted_servers(group, self.state(arn).health)
            if await self._tell(commands(backend_name(arn), known, wanted)):
                self._known[arn] = after(known, wanted)

    async def finish_drains(self, now: float) -> list[str]:
        """Cut off what is still in flight at targets whose time is over. Returns the groups of such
        targets. `now`: Unix seconds."""
        changed = []
        for arn, state in list(self._groups.items()):
            due = {key for key, deadline in state.deadlines.items() if deadline <= now} - state.drained
            if due:
                state.drained |= due
                backend = backend_name(arn)
                await self._tell(
                    f"shutdown sessions server {backend}/{server_name(*key)}" for key in sorted(due)
                )
                changed.append(arn)
        return changed

    async def delete_lingering(self) -> None:
        """Delete servers that are no longer wanted; refused while a connection is attached, so again next
        time. Entering maintenance drops the idle connections, a moment later."""
        for arn, known in list(self._known.items()):
            group = self._documents.groups.get(arn)
            wanted = wanted_servers(group, self.state(arn).health) if group is not None else {}
            for name in [name for name in known if name not in wanted]:
                await self._delete(arn, name)

    async def errors(self, backend: str) -> Mapping[str, int]:
        """What hints at a dead target, counted by server. Raises HaproxyGoneError."""
        rows = await server_table(self._process.stats_socket, backend)
        return {row["svname"]: error_count(row) for row in rows}

    async def _delete(self, arn: str, name: str) -> None:
        place = f"{backend_name(arn)}/{name}"
        async with self._lock:
            known = self._known.get(arn, {})
            if name not in known or known[name].is_ready:
                return
            try:
                answer = await command(self._process.stats_socket, f"del server {place}")
                if "deleted" in answer or "No such" in answer:
                    del known[name]
                else:
                    idle = f"set server {place} state drain; set server {place} state maint"
                    await command(self._process.stats_socket, idle)
            except HaproxyGoneError as error:
                _log.warning("haproxy is away", error=str(error))

    async def _tell(self, texts: Iterable[str]) -> bool:
        """Whether HAProxy heard them. It may be away: it is started again from a file with the present
        states."""
        for line in lines(texts):
            try:
                answer = await command(self._process.stats_socket, line)
            except HaproxyGoneError as error:
                _log.warning("haproxy is away", error=str(error))
                return False
            refusals = [text for text in answer.splitlines() if text and not text.startswith(_ACCEPTED)]
            if refusals:
                _log.error("haproxy refused a command", answer=refusals[:5])
                self.needs_reload = True
        return True

    async def _replace(self, tables: Mapping[str, Table]) -> bool:
        """Bring other tables into force, live; whether HAProxy took them. Raises HaproxyGoneError."""
        changed = [table for name, table in tables.items() if table != self._in_force.get(name)]
        try:
            for table in changed:
                await self._tables.replace(table)
        except TableRefusedError as error:
            _log.error("haproxy refused a table", error=str(error))
            return False
        self._tables.write(tables.values())
        self._in_force = tables
        return True

    def _render(self) -> _File:
        edge, groups = self._documents.edge, self._documents.groups
        bound, self.bindings = bind(edge, self.bindings)
        known = {
            arn: wanted_servers(groups[arn], self.state(arn).health) if arn in groups else {}
            for arn in edge.target_groups
        }
        rendered = configuration.render(edge, bound, known, groups, self._paths, connections_max())
        return _File(
            generation=edge.generation,
            text=rendered.text,
            frame=rendered.frame,
            tables={table.name: table for table in rendered.tables},
            shapes={arn: configuration.shape(groups.get(arn)) for arn in known},
            known=known,
        )

    async def _put(self, file: _File) -> None:
        """Put the file in place with its tables; when HAProxy refuses it, all stays as it was. Raises
        ConfigurationError."""
        self._tables.write(file.tables.values())
        try:
            await self._process.check(file.text)
        except ConfigurationError:
            self._tables.write(self._in_force.values())
            raise

    def _take_effect(self, file: _File) -> None:
        self._frame = file.frame
        self._in_force = file.tables
        self._shapes = file.shapes
        self._known = file.known
        self.applied_generation = file.generation


def connections_max() -> int:
    """HAProxy needs two descriptors a connection, and refuses to start when it cannot have them."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(256, min(20000, (soft - 500) // 2 - 1000)) if soft > 4000 else max(100, soft // 2 - 100)
