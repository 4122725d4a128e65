"""Makes HAProxy match the edge document: live where only tables or certificates differ, by a reload
otherwise."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

from tidegate.balancer.decisions import configuration
from tidegate.balancer.decisions.configuration import Paths, Table
from tidegate.balancer.documents import Documents
from tidegate.balancer.folders import Folder
from tidegate.balancer.haproxy.certificates import (
    CHAIN_SCRIPT,
    CertificateRefusedError,
    replace_certificates,
)
from tidegate.balancer.haproxy.process import ConfigurationError, HaproxyProcess, PortTakenError
from tidegate.balancer.haproxy.socket import HaproxyGoneError
from tidegate.balancer.haproxy.tables import TableRefusedError, Tables
from tidegate.balancer.identity import SOCKET_NAME, Identity
from tidegate.balancer.listeners import Bindings, bind
from tidegate.balancer.ports import Place, tried
from tidegate.balancer.targets import Backends, Targets

# In which a killed HAProxy has given back its ports.
_KILLED_SECONDS = 2.0
# A reload that fails for a port stops all listeners for two seconds.
_REFUSED_SECONDS = 300.0
# What has just failed may go on failing, and must not take all the time.
_PAUSE_SECONDS, _PAUSE_SECONDS_MAX = 0.1, 5.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """What HAProxy's file says: the edge's generation, all but the servers (`frame`), other files by name,
    and of each group its shape and backends."""

    generation: int
    bindings: Bindings
    text: str
    frame: str
    secrets: Mapping[str, str]
    tables: Mapping[str, Table]
    shapes: Mapping[str, object]
    known: dict[str, Backends]


class Edge:
    """`pages`: the folder of the answers that the load balancer makes itself. `access_log`, `error_log`:
    descriptors that HAProxy inherits. `header_kib`: how long headers may be."""

    def __init__(
        self,
        documents: Documents,
        process: HaproxyProcess,
        targets: Targets,
        identity: Identity,
        pages: Path,
        access_log: int,
        error_log: int,
        header_kib: int,
    ) -> None:
        self._documents = documents
        self._process = process
        self._targets = targets
        self._identity = identity
        self._header_kib = header_kib
        self._paths = Paths(
            stats_socket=str(process.stats_socket),
            pages=str(pages),
            tables=str(process.configuration.with_name("tables")),
            secrets=str(process.configuration.with_name("secrets")),
            chain=str(CHAIN_SCRIPT),
            scripts=str(CHAIN_SCRIPT.parent),
            identity_socket=SOCKET_NAME,
            access_log=access_log,
            error_log=error_log,
        )
        self._tables = Tables(Path(self._paths.tables), process.stats_socket)
        self._table_files = Folder(Path(self._paths.tables))
        self._secret_files = Folder(Path(self._paths.secrets), is_secret=True)
        self._text, self._frame = "", ""
        self._tables_in_force: Mapping[str, Table] = {}
        self._secrets_in_force: Mapping[str, str] = {}
        self.is_stale = False
        self._held: frozenset[Place] = frozenset()
        # Until when (monotonic seconds) HAProxy is not asked for a place again, and nothing is tried again.
        self._refused: dict[Place, float] = {}
        self._paused, self._pause = 0.0, _PAUSE_SECONDS
        self.bindings = Bindings()
        self.applied_generation = -1

    @property
    def has_work(self) -> bool:
        """Whether the documents, or what is wanted of targets, may ask for another file."""
        return self.is_stale or self._targets.needs_reload

    @property
    def pause_seconds(self) -> float:
        """For how long, after a failure, nothing is to be applied."""
        return max(0.0, self._paused - time.monotonic())

    def look_again(self) -> bool:
        """Whether a port that somebody else had is free by now: there is work then."""
        try:
            is_free = bool(self.bindings.taken) and self._bind().taken != self.bindings.taken
        except OSError as error:
            _log.warning("ports cannot be looked at", error=str(error))
            return False
        self.is_stale |= is_free
        return is_free

    async def start(self) -> None:
        """Start HAProxy with everything that the documents say, or, while that cannot be put in place or
        nothing is known, as it was before: what it said serves traffic. Raises HaproxyGoneError,
        ConfigurationError and OSError."""
        async with self._targets.lock:
            self._held = await self._held_now()
            file = self._render()
            is_put = await self._is_put(file)
            await self._process.start()
            self._targets.old_workers.forget()
            if not is_put:
                self._text = self._frame = ""
                self._targets.needs_reload = True
                return
            self._take_effect(file)
            try:
                await self._awaken(file.bindings)
            except (HaproxyGoneError, ConfigurationError, OSError) as error:
                self._targets.needs_reload = True
                self._note_failure(error)

    async def apply(self) -> set[str]:
        """Bring changed listeners or groups into force; a refused file leaves the old one in force. Returns
        the groups of which HAProxy is still to be told."""
        async with self._targets.lock:
            must_reload, self.is_stale, self._targets.needs_reload = self._targets.needs_reload, False, False
            if not self._process.is_running or self._documents.edge.generation < 0:
                return set()
            try:
                file = self._render()
                if must_reload or file.frame != self._frame or not await self._replace(file):
                    await self._put(file)
                    await self._reload(file.bindings)
                    self._take_effect(file)
            except PortTakenError as error:
                # The rest of the document is brought into force without these.
                self._refused |= dict.fromkeys(error.places, time.monotonic() + _REFUSED_SECONDS)
                self.is_stale = True
                self._note_failure(error)
            except ConfigurationError as error:
                _log.error("reload failed", error=str(error))
            except (HaproxyGoneError, OSError) as error:
                self._targets.needs_reload = True
                self._note_failure(error)
            else:
                self._note_bindings(file.bindings)
                self.applied_generation = file.generation
                self._pause = _PAUSE_SECONDS
                return self._targets.differing(file.known, file.shapes)
            return set()

    async def _reload(self, bindings: Bindings) -> None:
        """Load the file in place; the one before is put back when that fails: by what is there, a later
        balancer knows what HAProxy has. Raises HaproxyGoneError and ConfigurationError."""
        try:
            await self._swap()
            await self._awaken(bindings)
        except ConfigurationError:
            if self._text:
                with contextlib.suppress(OSError):
                    self._process.put(self._text)
            raise

    async def _awaken(self, bindings: Bindings) -> None:
        """Make all listeners listen: where a new worker had to wait for a port, the old one has silenced the
        sockets that they share, for good. Raises HaproxyGoneError and ConfigurationError."""
        silent = [place for place in sorted(bindings.places) if tried(place) is None]
        if silent:
            _log.warning("listeners are silent", places=silent[:5])
            await self._swap()

    async def _swap(self) -> None:
        with self._targets.old_workers.reloading():
            await self._process.reload()

    async def _replace(self, file: _File) -> bool:
        """Bring other tables and certificates into force, live; whether HAProxy took them. Raises
        HaproxyGoneError."""
        folder, socket = Path(self._paths.secrets), self._process.stats_socket
        try:
            for name, table in file.tables.items():
                if table != self._tables_in_force.get(name):
                    await self._tables.replace(table)
            await replace_certificates(socket, folder, self._secrets_in_force, file.secrets)
        except (TableRefusedError, CertificateRefusedError) as error:
            _log.error("haproxy refused a change", error=str(error))
            return False
        self._write(file.tables, file.secrets)
        self._tidy()
        self._tables_in_force, self._secrets_in_force = file.tables, file.secrets
        return True

    def _render(self) -> _File:
        edge, groups = self._documents.edge, self._documents.groups
        bindings = self._bind()
        known = {arn: self._targets.wanted(arn) for arn in edge.target_groups}
        rendered = configuration.render(
            edge,
            bindings.bound,
            known,
            groups,
            self._paths,
            connections_max(),
            self._targets.stickiness,
            self._identity.key_sets,
            self._header_kib,
        )
        return _File(
            generation=edge.generation,
            bindings=bindings,
            text=rendered.text,
            frame=rendered.frame,
            secrets=rendered.secrets,
            tables={table.name: table for table in rendered.tables},
            shapes={arn: self._targets.shape(arn) for arn in edge.target_groups},
            known=known,
        )

    async def _is_put(self, file: _File) -> bool:
        """Whether the file could be put in place; False when there is one that has to do. Raises
        ConfigurationError and OSError."""
        can_do_without = self._process.has_usable_file()
        if file.generation < 0 and can_do_without:
            return False
        try:
            await self._put(file)
        except (ConfigurationError, OSError) as error:
            if not can_do_without:
                raise
            self._note_failure(error)
            return False
        return True

    async def _put(self, file: _File) -> None:
        """Put the file in place with its tables; when that fails, all stays as it was. Raises
        ConfigurationError and OSError."""
        try:
            self._write(file.tables, file.secrets)
            self._targets.write_maps(file.known)
            await self._process.check(file.text)
        except (ConfigurationError, OSError):
            with contextlib.suppress(OSError):
                self._restore()
            raise

    def _restore(self) -> None:
        if self._frame:
            self._write(self._tables_in_force, self._secrets_in_force)

    def _write(self, tables: Mapping[str, Table], secrets: Mapping[str, str]) -> None:
        self._table_files.write({name: table.text for name, table in tables.items()})
        self._secret_files.write(secrets)

    def _tidy(self) -> None:
        self._table_files.tidy()
        self._secret_files.tidy()

    def _take_effect(self, file: _File) -> None:
        self._targets.take_effect(file.known, file.shapes)
        self._note_bindings(file.bindings)
        self._text, self._frame = file.text, file.frame
        self._tidy()
        self._tables_in_force, self._secrets_in_force = file.tables, file.secrets
        self.applied_generation = file.generation

    def _bind(self) -> Bindings:
        now = time.monotonic()
        self._refused = {place: until for place, until in self._refused.items() if until > now}
        return bind(self._documents.edge, self._held, self._refused)

    def _note_failure(self, error: Exception) -> None:
        _log.error("what the documents say is not in force", error=str(error))
        self._paused = time.monotonic() + self._pause
        self._pause = min(2 * self._pause, _PAUSE_SECONDS_MAX)

    async def _held_now(self) -> frozenset[Place]:
        """What an HAProxy has that can be taken over; the ports of one that was killed are free a moment
        later, and waited for."""
        held = await self._process.held()
        deadline = asyncio.get_running_loop().time() + _KILLED_SECONDS
        while not self._held.isdisjoint(bind(self._documents.edge, held).taken):
            if asyncio.get_running_loop().time() > deadline:
                break
            await asyncio.sleep(0.01)
        return held

    def _note_bindings(self, bindings: Bindings) -> None:
        known = {one.error for one in self.bindings.by_name}
        for one in bindings.by_name:
            if one.error is not None and one.error not in known:
                _log.warning("a name does not answer", listener=one.listener_arn, error=one.error)
        self.bindings, self._held = bindings, bindings.places


def connections_max() -> int:
    """HAProxy needs two descriptors a connection, and refuses to start when it cannot have them."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(256, min(20000, (soft - 500) // 2 - 1000)) if soft > 4000 else max(100, soft // 2 - 100)
