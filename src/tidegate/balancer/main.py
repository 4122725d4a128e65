"""One balancer from its start to its end."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import signal
from collections.abc import Sequence
from pathlib import Path

import structlog

from tidegate.balancer.control_session import ControlSession
from tidegate.balancer.decisions import pages
from tidegate.balancer.decisions.access_log.sources import logged_groups
from tidegate.balancer.decisions.eligibility import Key
from tidegate.balancer.decisions.health import Health
from tidegate.balancer.decisions.reports import group_report
from tidegate.balancer.documents import ConflictingDocumentError, Documents
from tidegate.balancer.edge import Edge
from tidegate.balancer.folders import Folder
from tidegate.balancer.haproxy import binary
from tidegate.balancer.haproxy.access_log import AccessLog
from tidegate.balancer.haproxy.error_log import ErrorLog
from tidegate.balancer.haproxy.process import ConfigurationError, HaproxyProcess
from tidegate.balancer.haproxy.socket import HaproxyGoneError
from tidegate.balancer.health import Checker, Record
from tidegate.balancer.identity import Identity
from tidegate.balancer.log_keeper import LogKeeper
from tidegate.balancer.operators import BalancerHealth, Seen
from tidegate.balancer.settings import BalancerSettings
from tidegate.balancer.silence import Silence
from tidegate.balancer.suspicion import Suspicion
from tidegate.balancer.targets import Targets
from tidegate.balancer.traffic import Traffic
from tidegate.fleet import logs
from tidegate.fleet.balancing import EdgeDocument, EdgeReport, FormerGroupDocument, GroupDocument, GroupReport
from tidegate.fleet.exposition import Exposition
from tidegate.fleet.loop_lag import LagMeter

SWEEP_EVERY_SECONDS = 0.2
SWEEPS_PER_SECOND = 5
# How often old workers are looked at, and for how long changes for them are gathered.
OLD_WORKERS_SECONDS, OLD_WORKERS_REST_SECONDS = 1.0, 0.05
# For ports that other programs have.
LOOK_AGAIN_SECONDS = 10
LAG_EVERY_SECONDS = 0.25

_log = structlog.get_logger(__name__)


def run(settings: BalancerSettings) -> None:
    """Run a balancer until SIGTERM, then stop HAProxy. Raises HaproxyMissingError."""
    logs.configure()
    asyncio.run(Balancer(settings, binary.find()).run())


class Balancer:
    """Joins documents, health checks and HAProxy."""

    def __init__(self, settings: BalancerSettings, haproxy: Path) -> None:
        folder = settings.data_dir
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        Folder(folder / "pages").write(pages.files())
        self._documents = Documents(folder)
        self._access_log = AccessLog(folder / "logs")
        self._error_log = ErrorLog(lambda lines: self._suspicion.note(lines))
        logs = (self._access_log.writer, self._error_log.writer)
        self._process = HaproxyProcess(haproxy, folder, logs)
        self._targets = Targets(self._documents, self._process)
        self._identity = Identity(folder, self._note_identity)
        self._edge = Edge(
            self._documents,
            self._process,
            self._targets,
            self._identity,
            folder / "pages",
            *logs,
            header_kib=settings.header_kib,
        )
        self.log_keeper = LogKeeper(settings)
        self._record = Record(folder / "logs")
        self._checker = Checker(self._health_changed, self._record)
        self._suspicion = Suspicion(self._targets, self._used_groups, self._checker.look, self._note_change)
        self._silence = Silence(self._targets, self._used_groups, self._checker.look)
        self._traffic = Traffic(
            folder,
            self._documents,
            self._targets,
            self._process,
            self._used_groups,
            lambda: self._edge.bindings.own,
            self._identity.tally.take,
            lambda report: self._session.send(report),
        )
        self._session = ControlSession(
            settings, self.take, lambda: [*self.reports(), *self._traffic.unreceived()], self._traffic.receive
        )
        self._lag = LagMeter(LAG_EVERY_SECONDS)
        self._region = settings.region
        self._exposition = Exposition(folder, settings.metrics_listen, self._metrics, self._waits_for)
        # Groups that may be otherwise now; `_told`: of which control has just said so.
        self._changed: set[str] = set()
        self._told: set[str] = set()
        self._wake = asyncio.Event()

    @property
    def haproxy(self) -> HaproxyProcess:
        return self._process

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT. Raises what a job of its own raised: HAProxy then serves on, and the
        next balancer takes over from it, as after a SIGKILL."""
        self._loop = asyncio.get_running_loop()
        stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, stopping.set)
        self._access_log.start()
        self._error_log.start()
        self._checker.start()
        self._documents.load()
        self._identity.expect(self._documents.edge)
        self._keep_logs(self._documents.edge)
        for group in self._used_groups():
            self._expect(group)
        jobs = [
            asyncio.create_task(job)
            for job in (
                self._keep_haproxy(),
                self._apply(),
                self._sweep(),
                self._finish_early(),
                self._follow_old_workers(),
                self._suspicion.look(),
                self._suspicion.judge(),
                self._silence.watch(),
                self._traffic.run(),
                self._lag.run(),
                self._exposition.run(),
                self._identity.run(),
                self._session.run(),
                self.log_keeper.run(),
            )
        ]
        waiter = asyncio.create_task(stopping.wait())
        done, _ = await asyncio.wait([waiter, *jobs], return_when=asyncio.FIRST_COMPLETED)
        for job in (waiter, *jobs):
            job.cancel()
        await asyncio.gather(waiter, *jobs, return_exceptions=True)
        self._checker.stop()
        if waiter in done:
            await self._process.stop()
        self._targets.close()
        self._error_log.stop()
        self._access_log.stop()
        await self.log_keeper.finish()
        for ended in done - {waiter}:
            ended.result()

    def take(self, document: EdgeDocument | GroupDocument | FormerGroupDocument) -> None:
        """A document from control; brought into force soon after."""
        try:
            if isinstance(document, EdgeDocument):
                self._take_edge(document)
            elif isinstance(document, FormerGroupDocument):
                self._targets.expect_former(document)
            elif self._documents.take_group(document):
                self._expect(document)
                self._told.add(document.target_group_arn)
                self._wake.set()
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
                self._targets.forget(arn)
            self._keep_logs(document)
            self._identity.expect(document)
            self._note_identity()

    def _keep_logs(self, edge: EdgeDocument) -> None:
        self._record.groups = logged_groups(edge)
        self.log_keeper.look(edge)

    def _note_identity(self) -> None:
        """The edge may be otherwise: by its document, or by the keys of those who say who sends requests."""
        self._edge.is_stale = True
        self._wake.set()

    def _used_groups(self) -> list[GroupDocument]:
        used = frozenset(self._documents.edge.target_groups)
        return [group for arn, group in self._documents.groups.items() if arn in used]

    def _expect(self, group: GroupDocument) -> None:
        self._targets.expect(group)
        self._checker.watch(group)

    def _health_changed(self, arn: str, key: Key, health: Health) -> None:
        """Called from the checker's thread."""
        self._loop.call_soon_threadsafe(self._set_health, arn, key, health)

    def _set_health(self, arn: str, key: Key, health: Health) -> None:
        state = self._targets.state(arn)
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
            if self._edge.has_work and not self._edge.pause_seconds:
                changed |= await self._edge.apply()
                self._session.send(self._edge_report())
            await self._apply_told()
            for arn in sorted(changed):
                await self._apply_group(arn)
                await self._apply_told()
            if self._edge.has_work:
                self._loop.call_later(self._edge.pause_seconds, self._wake.set)

    async def _apply_told(self) -> None:
        """What control says now does not wait for a thousand groups whose healths have changed."""
        while self._told:
            await self._apply_group(self._told.pop())

    async def _apply_group(self, arn: str) -> None:
        await self._targets.apply(arn)
        group = self._documents.groups.get(arn)
        if group is not None:
            self._session.send(self._group_report(group))

    async def _keep_haproxy(self) -> None:
        while True:
            try:
                await self._edge.start()
                self._session.send(self._edge_report())
            except (HaproxyGoneError, ConfigurationError, OSError) as error:
                _log.error("haproxy did not start", error=str(error))
                await asyncio.sleep(0.5)
                continue
            self._wake.set()
            await self._process.ended()
            _log.error("haproxy died: starting it again")

    async def _sweep(self) -> None:
        sweeps = 0
        while True:
            await asyncio.sleep(SWEEP_EVERY_SECONDS)
            sweeps += 1
            for arn in await self._targets.finish_drains():
                self._note_change(arn)
            if sweeps % SWEEPS_PER_SECOND == 0:
                await self._targets.ramp()
                await self._targets.delete_lingering()
            if sweeps % (LOOK_AGAIN_SECONDS * SWEEPS_PER_SECOND) == 0 and self._edge.look_again():
                self._wake.set()

    async def _finish_early(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_EVERY_SECONDS)
            for arn in await self._targets.finish_early():
                self._note_change(arn)

    async def _follow_old_workers(self) -> None:
        """Nothing else waits for these, and for HAProxy's master, through which they are reached."""
        old_workers = self._targets.old_workers
        while True:
            with contextlib.suppress(TimeoutError):
                # `wait_for` would lose a cancellation that comes with news.
                async with asyncio.timeout(OLD_WORKERS_SECONDS):
                    await old_workers.news.wait()
            old_workers.news.clear()
            if old_workers.may_exist and self._process.is_running:
                try:
                    await self._targets.tell_old_workers()
                except HaproxyGoneError as error:
                    _log.warning("haproxy is away", error=str(error))
            await asyncio.sleep(OLD_WORKERS_REST_SECONDS)

    def _waits_for(self) -> Sequence[str]:
        """What keeps the balancer from serving as it was told. Control may be away meanwhile."""
        told = self._documents.edge.generation
        if told < 0:
            return ("what control tells first",)
        if not self._process.is_running:
            return ("HAProxy",)
        return (f"generation {told} of listeners and rules",) if self._edge.applied_generation < told else ()

    def _metrics(self) -> bytes:
        # By its name: whoever is never scraped does not import it.
        content: bytes = importlib.import_module("tidegate.balancer.exposition").text(self._seen())
        return content

    def _seen(self) -> Seen:
        traffic = self._traffic
        health = BalancerHealth(
            region=self._region,
            reloads=self._process.reloads,
            starts=self._process.starts,
            generation=self._edge.applied_generation,
            lag=self._lag,
            dropped_log_lines=traffic.dropped_log_lines,
            lost_log_segments=traffic.lost_log_segments,
            waiting_reports=traffic.waiting_reports,
            has_session=self._session.is_open,
            waits_for=self._waits_for(),
        )
        return Seen(totals=traffic.totals, standings=traffic.told, health=health)

    def _edge_report(self) -> EdgeReport:
        bindings = self._edge.bindings
        return EdgeReport(
            generation=self._edge.applied_generation, listeners=bindings.own, names=bindings.by_name
        )

    def _group_report(self, group: GroupDocument) -> GroupReport:
        state = self._targets.state(group.target_group_arn)
        return group_report(group, state.health, state.drained, state.anomalies.judged)
