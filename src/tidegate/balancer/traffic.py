"""Measures what goes through the load balancers, and reports it to control every few seconds.

The access log is the record. HAProxy writes a line for each request; here they are counted, so that what is
reported is what is logged: over reloads, over the death of HAProxy, and, since the log's files stay and the
spool knows how far they were counted, over that of this process.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import structlog

from tidegate.balancer.connections import Connections
from tidegate.balancer.decisions.logins.tally import LoginTally
from tidegate.balancer.decisions.traffic.connections import Counters, count_connections, count_rejected
from tidegate.balancer.decisions.traffic.counting import Figures, Rotation, figures
from tidegate.balancer.decisions.traffic.hosts import GroupState
from tidegate.balancer.decisions.traffic.lines import outcomes
from tidegate.balancer.decisions.traffic.logins import count_logins
from tidegate.balancer.decisions.traffic.names import Names, group_dimension, names
from tidegate.balancer.decisions.traffic.samples import SPAN_SECONDS, Memory, Span, Told, World, samples
from tidegate.balancer.decisions.traffic.totals import Totals
from tidegate.balancer.dispatch import Dispatch
from tidegate.balancer.documents import Documents
from tidegate.balancer.haproxy.process import HaproxyProcess
from tidegate.balancer.log_tally import LogTally
from tidegate.balancer.logs.follow import Position
from tidegate.balancer.rejections import Rejections
from tidegate.balancer.spool import Spool
from tidegate.balancer.targets import Targets
from tidegate.domain.cloudwatch import Sample
from tidegate.fleet.balancing import (
    EdgeDocument,
    GroupDocument,
    ListenerBinding,
    TrafficReceipt,
    TrafficReport,
)
from tidegate.fleet.session import Frame

# Often enough that no reading takes long, even of tens of thousands of lines a second.
_READ_EVERY_SECONDS = 0.5
# A few minutes of dozens of target groups; a report of them is some megabytes.
_UNKEPT_MAX = 20_000

_log = structlog.get_logger(__name__)


class Traffic:
    """`folder`: the balancer's. `groups` gives those in use, `bindings` where listeners answer, `logins` what
    of them has not been given yet; `send` gets each report. `totals`: since the start; `told`: what groups
    are."""

    def __init__(
        self,
        folder: Path,
        documents: Documents,
        targets: Targets,
        process: HaproxyProcess,
        groups: Callable[[], Sequence[GroupDocument]],
        bindings: Callable[[], Sequence[ListenerBinding]],
        logins: Callable[[], LoginTally],
        send: Callable[[Frame], None],
    ) -> None:
        self._documents = documents
        self._targets = targets
        self._bindings = bindings
        self._logins = logins
        self._connections = Connections(process)
        self._rejections = Rejections()
        self._groups = groups
        self._spool = Spool(folder / "traffic")
        self._dispatch = Dispatch(self._spool, send)
        self._tally = LogTally(folder / "logs" / "access.log", self._spool.progress.position)
        self._reading = asyncio.Lock()
        # Of which document, its names, and these with those that they have replaced.
        self._names: tuple[EdgeDocument, Names, Names] = (documents.edge, Names(), Names())
        self._rotation = Rotation()
        # Groups that have had requests since their connections were last counted, and before that.
        self._busy: set[str] = set()
        self._resting: set[str] = set()
        self._memory: Memory = {}
        # What the disk has not taken yet.
        self._unkept: tuple[Sample, ...] = ()
        self.told: Told = {}
        self.totals = Totals()

    async def run(self) -> None:
        """Until cancelled."""
        end = _end_of_span(time.time())
        try:
            while True:
                await asyncio.sleep(max(0, min(_READ_EVERY_SECONDS, end - time.time())))
                now = time.time()
                # A clock that was set back must not stop the reports.
                if end - SPAN_SECONDS <= now < end:
                    async with self._reading:
                        await self._read()
                else:
                    end = _end_of_span(now)
                    await self._measure_or_tell(Span(at=end - 2 * SPAN_SECONDS))
        finally:
            self._tally.close()

    @property
    def waiting_reports(self) -> int:
        return self._spool.waiting

    @property
    def lost_log_segments(self) -> int:
        return self._tally.segments_lost

    @property
    def dropped_log_lines(self) -> int:
        return self._connections.dropped_lines

    async def measure(self, span: Span) -> None:
        """Report, as of this span, what has come since the last report."""
        async with self._reading:
            await self._read()
            words, position = self._tally.take(), self._tally.position
        await self._report(span, words, position)
        with _telling():
            self._dispatch.look(time.monotonic())

    def unreceived(self) -> list[Frame]:
        """What a new connection is told: the oldest report that control may not have."""
        with _telling():
            return self._dispatch.begin(time.monotonic())
        return []

    def receive(self, receipt: TrafficReceipt) -> None:
        """Control has this report."""
        with _telling():
            self._dispatch.receive(receipt, time.monotonic())

    async def _measure_or_tell(self, span: Span) -> None:
        """Whatever is wrong with measuring, traffic goes on: a balancer that ended for it would meet the same
        lines when it starts again."""
        try:
            await self.measure(span)
        except Exception:
            _log.exception("traffic was not measured", at=span.at)

    async def _read(self) -> None:
        try:
            await asyncio.to_thread(self._tally.read)
        except OSError as error:
            _log.warning("the access log cannot be read", error=str(error))

    async def _report(self, span: Span, words: Counter[bytes], position: Position) -> None:
        world = self._world()
        found = await asyncio.to_thread(self._figures, words, world.names)
        counted = await self._connections.grown(self._backends(span, found, world))
        logins = self._logins()
        made = await asyncio.to_thread(self._samples, span, found, counted, logins, world)
        if made or self._unkept:
            self._keep(span, made, position)
        elif position != self._spool.progress.position:
            with _telling():
                self._spool.note(position)

    def _keep(self, span: Span, made: tuple[Sample, ...], position: Position) -> None:
        """In memory alone while the disk takes nothing: what control is told must be on disk, or the next
        start gives its sequence to another report, which then looks as if it came again."""
        self._unkept = (*self._unkept, *made)[-_UNKEPT_MAX:]
        before = self._spool.progress
        report = TrafficReport(
            source=before.source,
            sequence=before.sequence + 1,
            began=span.at,
            seconds=span.seconds,
            samples=self._unkept,
        )
        with _telling():
            self._spool.put(report, position)
            self._unkept = ()

    def _figures(self, words: Counter[bytes], known: Names) -> Figures:
        found, self._rotation = figures(outcomes(words), known, self._rotation)
        return found

    def _samples(
        self,
        span: Span,
        found: Figures,
        counted: Mapping[str, Counters],
        logins: LoginTally,
        world: World,
    ) -> tuple[Sample, ...]:
        count_connections(span, found, counted, world.names, self._rotation)
        rejected = self._rejections.grown(self._bindings())
        count_logins(found, logins, world.names, self._rotation)
        count_rejected(found, rejected, world.names, self._rotation)
        self.totals.add(found)
        self.totals.note_open(counted, world.names)
        made, self.told = samples(span, found, world, self.told)
        return made

    def _backends(self, span: Span, found: Figures, world: World) -> list[str]:
        """Those whose connections are counted now: once a minute, of the groups that have had requests since,
        or in the minute before that. Others have no connections."""
        self._busy |= {place.group for _, place in found.counts if place.group is not None}
        asked: list[str] = []
        for arn in world.groups:
            group = group_dimension(arn)
            if span.is_turn_of(world.names.owners.get(group, "")):
                if group in self._busy or group in self._resting:
                    asked += self._targets.backends_of(arn)
                is_busy = group in self._busy
                (self._resting.add if is_busy else self._resting.discard)(group)
                self._busy.discard(group)
        return asked

    def _world(self) -> World:
        edge, own, known = self._names
        if edge is not self._documents.edge:
            present = names(self._documents.edge)
            known = present.after(own)
            self._names = (self._documents.edge, present, known)
            self.totals.keep(known.zones)
        groups = {group.target_group_arn: self._state(group) for group in self._groups()}
        for arn in self._memory.keys() - groups.keys():
            del self._memory[arn]
        return World(names=known, groups=groups, memory=self._memory)

    def _state(self, group: GroupDocument) -> GroupState:
        state = self._targets.state(group.target_group_arn)
        # Copies: these are looked at on another thread.
        return GroupState(document=group, health=dict(state.health), judged=dict(state.anomalies.judged))


@contextmanager
def _telling() -> Iterator[None]:
    """What the disk does not take is told, and measuring goes on."""
    try:
        yield
    except OSError as error:
        _log.error("what was measured is not on disk", error=str(error))


def _end_of_span(now: float) -> int:
    return (math.floor(now / SPAN_SECONDS) + 1) * SPAN_SECONDS
