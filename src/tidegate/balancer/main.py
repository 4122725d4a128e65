"""One balancer from its start to its end."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import structlog

from tidegate.balancer.control_session import ControlSession
from tidegate.balancer.decisions import configuration
from tidegate.balancer.decisions.health import Health
from tidegate.balancer.documents import ConflictingDocumentError, Documents
from tidegate.balancer.edge import Edge
from tidegate.balancer.haproxy import binary
from tidegate.balancer.haproxy.access_log import AccessLog
from tidegate.balancer.haproxy.process import HaproxyProcess
from tidegate.balancer.haproxy.socket import HaproxyGoneError
from tidegate.balancer.health import Checker
from tidegate.balancer.settings import BalancerSettings
from tidegate.fleet.balancing import EdgeDocument, EdgeReport, GroupDocument, GroupReport, TargetReport

SWEEP_EVERY_SECONDS = 0.2

_log = structlog.get_logger(__name__)


def run(settings: BalancerSettings) -> None:
    """Run a balancer until SIGTERM, then stop HAProxy. Raises HaproxyMissingError."""
    asyncio.run(Balancer(settings, binary.find()).run())


class Balancer:
    """Joins documents, health checks and HAProxy."""

    def __init__(self, settings: BalancerSettings, haproxy: Path) -> None:
        folder = settings.data_dir
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_error_pages(folder / "errors")
        self._documents = Documents(folder)
        self._log = AccessLog(folder / "logs")
        self._process = HaproxyProcess(haproxy, folder, self._log)
        self._edge = Edge(self._documents, self._process, folder)
        self._checker = Checker(self._health_changed)
        self._session = ControlSession(settings, self._take, self._report_all)
        self._changed: set[str] = set()
        self._has_new_edge = False
        self._wake = asyncio.Event()
        self._errors: dict[tuple[str, str], int] = {}

    async def run(self) -> None:
        self._loop = asyncio.get_running_loop()
        stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, stopping.set)
        self._documents.load()
        self._log.start()
        self._checker.start()
        self._checker.watch(self._used_groups())
        jobs = [
            asyncio.create_task(self._keep_haproxy()),
            asyncio.create_task(self._apply()),
            asyncio.create_task(self._sweep()),
            asyncio.create_task(self._session.run()),
        ]
        waiter = asyncio.create_task(stopping.wait())
        done, _ = await asyncio.wait([waiter, *jobs], return_when=asyncio.FIRST_COMPLETED)
        for job in (waiter, *jobs):
            job.cancel()
        await asyncio.gather(waiter, *jobs, return_exceptions=True)
        await self._process.stop()
        self._log.stop()
        for job in done - {waiter}:
            job.result()

    def _used_groups(self) -> list[GroupDocument]:
        used = self._documents.edge.target_groups
        return [group for arn, group in self._documents.groups.items() if arn in used]

    def _take(self, document: EdgeDocument | GroupDocument) -> None:
        """A document from control; applied by the apply loop."""
        try:
            if isinstance(document, EdgeDocument):
                if self._documents.take_edge(document):
                    self._has_new_edge = True
            elif self._documents.take_group(document):
                self._prune(document)
                self._changed.add(document.target_group_arn)
        except ConflictingDocumentError as error:
            _log.error("conflicting document", error=str(error))
            return
        self._checker.watch(self._used_groups())
        self._wake.set()

    def _prune(self, group: GroupDocument) -> None:
        """Forget what is known of targets that are gone."""
        state = self._edge.state(group.target_group_arn)
        present = {(target.id, target.port) for target in group.targets}
        state.health = {key: health for key, health in state.health.items() if key in present}
        state.ejected &= present
        state.drained &= present

    def _health_changed(self, arn: str, target_id: str, port: int, health: Health) -> None:
        """Called from the checker's thread."""
        self._loop.call_soon_threadsafe(self._set_health, arn, (target_id, port), health)

    def _set_health(self, arn: str, key: tuple[str, int], health: Health) -> None:
        state = self._edge.state(arn)
        before = state.health.get(key)
        state.health[key] = health
        if health.state == "healthy":
            state.ejected.discard(key)
        if before is None or before.state != health.state:
            was = before.state if before else "unknown"
            _log.info("health changed", target=key[0], port=key[1], was=was, now=health.state)
        self._changed.add(arn)
        self._wake.set()

    async def _apply(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            changed, self._changed = self._changed, set()
            if self._has_new_edge:
                self._has_new_edge = False
                await self._edge.reload()
                self._session.send(self._edge_report())
                changed |= set(self._documents.edge.target_groups)
            for arn in sorted(changed):
                await self._edge.apply_group(arn)
                self._report(arn)

    async def _keep_haproxy(self) -> None:
        while True:
            try:
                await self._edge.start()
                self._session.send(self._edge_report())
            except HaproxyGoneError as error:
                _log.error("haproxy did not start", error=str(error))
                await asyncio.sleep(0.5)
                continue
            await self._process.ended()
            _log.error("haproxy died: starting it again")

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_EVERY_SECONDS)
            for arn in await self._edge.sweep():
                self._report(arn)
            await self._look_for_dead_targets()

    async def _look_for_dead_targets(self) -> None:
        """A server with new errors is looked at at once, long before its next health check is due."""
        errors = dict(await self._edge.errors())
        fresh = {place for place, count in errors.items() if count > self._errors.get(place, 0)}
        self._errors = errors
        if not fresh:
            return
        for group in self._used_groups():
            backend = configuration.backend_name(group.target_group_arn)
            for target in group.targets:
                if (backend, configuration.server_name(target.id, target.port)) in fresh:
                    self._suspect(group.target_group_arn, (target.id, target.port))

    def _suspect(self, arn: str, key: tuple[str, int]) -> None:
        def then(is_alive: bool) -> None:
            if not is_alive:
                self._loop.call_soon_threadsafe(self._eject, arn, key)

        self._checker.suspect(arn, *key, then)

    def _eject(self, arn: str, key: tuple[str, int]) -> None:
        _log.info("target ejected", target=key[0], port=key[1])
        self._edge.state(arn).ejected.add(key)
        self._changed.add(arn)
        self._wake.set()

    def _report(self, arn: str) -> None:
        group = self._documents.groups.get(arn)
        if group is not None:
            self._session.send(self._group_report(group))

    def _report_all(self) -> list[EdgeReport | GroupReport]:
        return [self._edge_report(), *(self._group_report(group) for group in self._used_groups())]

    def _edge_report(self) -> EdgeReport:
        return EdgeReport(generation=self._edge.applied_generation, listeners=self._edge.bindings)

    def _group_report(self, group: GroupDocument) -> GroupReport:
        state = self._edge.state(group.target_group_arn)
        reports = []
        for target in group.targets:
            key = (target.id, target.port)
            health = state.health.get(key, Health())
            if target.status == "draining":
                reports.append(
                    TargetReport(
                        id=target.id,
                        port=target.port,
                        state="draining",
                        reason="Target.DeregistrationInProgress",
                        description="Target deregistration is in progress",
                        is_drained=key in state.drained,
                    )
                )
                continue
            reports.append(
                TargetReport(
                    id=target.id,
                    port=target.port,
                    state=health.state,
                    reason=health.reason,
                    description=health.description,
                )
            )
        return GroupReport(
            target_group_arn=group.target_group_arn, generation=group.generation, targets=tuple(reports)
        )


def _write_error_pages(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for status in configuration.REASONS:
        (folder / f"{status}.http").write_bytes(configuration.error_page(status).encode())
