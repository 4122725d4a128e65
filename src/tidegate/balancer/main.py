"""One balancer from its start to its end."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import structlog

from tidegate.balancer.control_session import ControlSession
from tidegate.balancer.decisions import pages
from tidegate.balancer.decisions.eligibility import Key
from tidegate.balancer.decisions.evidence import suspected_backends, suspected_servers
from tidegate.balancer.decisions.health import Health
from tidegate.balancer.decisions.reports import group_report
from tidegate.balancer.decisions.servers import backend_name, server_name
from tidegate.balancer.documents import ConflictingDocumentError, Documents
from tidegate.balancer.edge import Edge
from tidegate.balancer.haproxy import binary
from tidegate.balancer.haproxy.access_log import AccessLog
from tidegate.balancer.haproxy.error_log import ErrorLog
from tidegate.balancer.haproxy.process import ConfigurationError, HaproxyProcess
from tidegate.balancer.haproxy.socket import HaproxyGoneError
from tidegate.balancer.health import Checker
from tidegate.balancer.settings import BalancerSettings
from tidegate.fleet.balancing import EdgeDocument, EdgeReport, GroupDocument, GroupReport

SWEEP_EVERY_SECONDS = 0.2
DELETE_EVERY_SWEEPS = 5

_log = structlog.get_logger(__name__)


def run(settings: BalancerSettings) -> None:
    """Run a balancer until SIGTERM, then stop HAProxy. Raises HaproxyMissingError."""
    asyncio.run(Balancer(settings, binary.find()).run())


class Balancer:
    """Joins documents, health checks and HAProxy."""

    def __init__(self, settings: BalancerSettings, haproxy: Path) -> None:
        folder = settings.data_dir
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_pages(folder / "pages")
        self._documents = Documents(folder)
        self._access_log = AccessLog(folder / "logs")
        self._error_log = ErrorLog(self._note_errors)
        logs = (self._access_log.writer, self._error_log.writer)
        self._process = HaproxyProcess(haproxy, folder, logs)
        self._edge = Edge(self._documents, self._process, folder / "pages", *logs)
        self._checker = Checker(self._health_changed)
        self._session = ControlSession(settings, self.take, self.reports)
        self._changed: set[str] = set()
        self._suspected: set[str] = set()
        self._errors: dict[str, Mapping[str, int]] = {}
        self._wake = asyncio.Event()
        self._alarm = asyncio.Event()

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT; raises what a job of its own raised."""
        self._loop = asyncio.get_running_loop()
        stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, stopping.set)
        self._access_log.start()
        self._error_log.start()
        self._checker.start()
        self._documents.load()
        for group in self._used_groups():
            self._expect(group)
        jobs = [
            asyncio.create_task(job)
            for job in (
                self._keep_haproxy(),
                self._apply(),
                self._sweep(),
                self._look_for_dead_targets(),
                self._session.run(),
            )
        ]
        waiter = asyncio.create_task(stopping.wait())
        done, _ = await asyncio.wait([waiter, *jobs], return_when=asyncio.FIRST_COMPLETED)
        for job in (waiter, *jobs):
            job.cancel()
        await asyncio.gather(waiter, *jobs, return_exceptions=True)
        self._checker.stop()
        await self._process.stop()
        self._error_log.stop()
        self._access_log.stop()
        for ended in done - {waiter}:
            ended.result()

    def take(self, document: EdgeDocument | GroupDocument) -> None:
        """A document from control; brought into force soon after."""
        try:
            if isinstance(document, EdgeDocument):
                self._take_edge(document)
            elif self._documents.take_group(document):
                self._expect(document)
                self._note_change(document.target_group_arn)
        except ConflictingDocumentError as error:
            _log.error("conflicting document", error=str(error))

    def reports(self) -> list[EdgeReport | GroupReport]:
        """Everything that is known, as control is told on each new connection."""
        return [self._edge_report(), *(self._group_report(group) for group in self._used_groups())]

    def _take_edge(self, document: EdgeDocument) -> None:
        before = set(self._documents.groups)
        if self._documents.take_edge(document):
            for arn in before - set(self._documents.groups):
                self._checker.forget(arn)
                self._edge.forget(arn)
            self._edge.is_stale = True
            self._wake.set()

    def _used_groups(self) -> list[GroupDocument]:
        used = self._documents.edge.target_groups
        return [group for arn, group in self._documents.groups.items() if arn in used]

    def _expect(self, group: GroupDocument) -> None:
        self._edge.expect(group)
        self._checker.watch(group)

    def _health_changed(self, arn: str, key: Key, health: Health) -> None:
        """Called from the checker's thread."""
        self._loop.call_soon_threadsafe(self._set_health, arn, key, health)

    def _set_health(self, arn: str, key: Key, health: Health) -> None:
        state = self._edge.state(arn)
        before, state.health[key] = state.health.get(key, Health()), health
        if (before.state, before.is_ejected) != (health.state, health.is_ejected):
            _log.info(
                "health changed",
                target=key[0],
                port=key[1],
                was=before.state,
                now=health.state,
                is_ejected=health.is_ejected,
            )
        self._note_change(arn)

    def _note_change(self, arn: str) -> None:
        self._changed.add(arn)
        self._wake.set()

    async def _apply(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            changed, self._changed = self._changed, set()
            if self._edge.is_stale or self._edge.needs_reload:
                await self._edge.apply()
                self._session.send(self._edge_report())
                changed |= set(self._documents.edge.target_groups)
            for arn in sorted(changed):
                await self._edge.apply_group(arn)
                group = self._documents.groups.get(arn)
                if group is not None:
                    self._session.send(self._group_report(group))
            if self._edge.needs_reload:
                self._wake.set()

    async def _keep_haproxy(self) -> None:
        while True:
            try:
                await self._edge.start()
                self._session.send(self._edge_report())
            except (HaproxyGoneError, ConfigurationError) as error:
                _log.error("haproxy did not start", error=str(error))
                await asyncio.sleep(0.5)
                continue
            await self._process.ended()
            _log.error("haproxy died: starting it again")

    async def _sweep(self) -> None:
        sweeps = 0
        while True:
            await asyncio.sleep(SWEEP_EVERY_SECONDS)
            sweeps += 1
            for arn in await self._edge.finish_drains(time.time()):
                self._note_change(arn)
            if sweeps % DELETE_EVERY_SWEEPS == 0:
                await self._edge.delete_lingering()

    def _note_errors(self, lines: Sequence[str]) -> None:
        self._suspected |= suspected_backends(lines)
        if self._suspected:
            self._alarm.set()

    async def _look_for_dead_targets(self) -> None:
        """A target at which a request has failed is looked at at once, long before its next check."""
        while True:
            await self._alarm.wait()
            self._alarm.clear()
            suspected, self._suspected = self._suspected, set()
            for group in self._used_groups():
                if backend_name(group.target_group_arn) in suspected:
                    await self._look_at(group)

    async def _look_at(self, group: GroupDocument) -> None:
        backend = backend_name(group.target_group_arn)
        try:
            errors = await self._edge.errors(backend)
        except HaproxyGoneError:
            return
        names = suspected_servers(self._errors.get(backend, {}), errors)
        self._errors[backend] = errors
        for target in group.targets:
            if server_name(target.id, target.port) in names:
                self._checker.look(group.target_group_arn, (target.id, target.port))

    def _edge_report(self) -> EdgeReport:
        return EdgeReport(generation=self._edge.applied_generation, listeners=self._edge.bindings)

    def _group_report(self, group: GroupDocument) -> GroupReport:
        state = self._edge.state(group.target_group_arn)
        return group_report(group, state.health, state.drained)


def _write_pages(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in pages.files().items():
        (folder / name).write_bytes(content.encode())
