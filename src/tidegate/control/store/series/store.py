"""The series store: records, reads, flushes. See the package for the theory of operation."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import structlog

from tidegate.control.store.series.chunks import Points, add
from tidegate.control.store.series.file import Entry, SeriesFile
from tidegate.control.store.series.forgetting import older, surplus_of_tasks
from tidegate.control.store.series.head import KnownSeries, Point, Series
from tidegate.control.store.series.tiers import FINE, HOUR, MINUTE, TIERS, SeriesLimits, Tier
from tidegate.control.store.store import StoreFailedError
from tidegate.domain.cloudwatch import Metric, Sample, Summary, statistic
from tidegate.domain.time import Clock

# How long points stay in the head: merging a chunk costs the same for one point and for many.
FLUSH_AFTER_SECONDS = 120.0
# Series merged in one commit, so that what is recorded meanwhile waits for some milliseconds only.
FLUSH_SERIES_MAX = 100
# Chunks that grow old in one commit, for the same reason.
AGEING_CHUNKS_MAX = 100
AGEING_EVERY_SECONDS = 60.0
TICK_SECONDS = 1.0
# A task of which nothing came for so long has ended, or its instance is lost.
TASKS_REST_SECONDS = 600
# Nobody sends anything again after so long.
SOURCES_KEPT_SECONDS = 15 * 86_400
# What the disk's bound leaves of each tier, in the order in which they are cut, before the bound is exceeded.
_KEPT_WHEN_FULL = {FINE: 1800, MINUTE: 3 * 3600, TIERS[2]: 86_400, HOUR: 30 * 86_400}

T = TypeVar("T")

_log = structlog.get_logger(__name__)


class SeriesFullError(Exception):
    """There are as many series as there may be; nothing of the samples was kept."""


class SeriesFailedError(StoreFailedError):
    """The disk did not take the samples, or too many wait for it. Retryable."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Samples with their series, and who waits until they are on disk."""

    found: list[tuple[Series, Sample]]
    answer: asyncio.Future[None]
    source: str | None = None
    sequence: int = 0


class SeriesStore:
    """Metrics of a region: a MetricSink and a MetricSource. All methods belong to one event loop."""

    def __init__(self, file: SeriesFile, clock: Clock, limits: SeriesLimits | None = None) -> None:
        self._file = file
        self._clock = clock
        self._limits = limits or SeriesLimits()
        self._series: dict[Metric, dict[str, Series]] = {}
        self.count = 0
        self._next_id = 1
        self._position = 0
        self._new: list[Series] = []
        self._dirty: dict[Series, None] = {}
        self._pending: list[_Waiting] = []
        self._sources: dict[str, int] = {}
        self._underway: dict[str, asyncio.Future[None]] = {}
        self._pending_count = 0
        self._writing: asyncio.Task[None] | None = None
        self._write_thread = ThreadPoolExecutor(1, thread_name_prefix="series-writer")
        self._read_thread = ThreadPoolExecutor(1, thread_name_prefix="series-reader")
        self._aged_at = clock.monotonic()
        self.recorded = 0
        self.dropped = 0

    def load(self) -> None:
        """Read what is known from the file; before anything else."""
        by_id = {}
        for id_, metric, unit, flushed, last_at in self._file.load():
            series = Series(id_, metric, unit, flushed, last_at)
            by_id[id_] = self._series.setdefault(metric, {})[unit] = series
        self.count = len(by_id)
        self._next_id = max(by_id, default=0) + 1
        self._sources = self._file.sources()
        self._position = max((series.flushed for series in by_id.values()), default=0)
        for position, entries in self._file.log():
            self._position = max(self._position, position)
            for id_, at, seconds, summary in entries:
                found = by_id.get(id_)
                if found is not None and position > found.flushed:
                    self._put(found, _sample(found, at, seconds, summary), position)

    def known(self) -> Iterator[KnownSeries]:
        """Every series of this moment, in no order; they may be walked over on another thread."""
        return _known(list(self._series.values()))

    def units(self, metric: Metric) -> list[str]:
        """The units in which a metric was ever given."""
        return sorted(self._series.get(metric, ()))

    async def take(self, samples: Iterable[Sample], *, source: str | None = None, sequence: int = 0) -> None:
        """Keep samples; return when they are durable. What comes again of a source means nothing; samples of
        series for which there is no room are dropped and counted. Raises SeriesFailedError."""
        if source is not None:
            while (earlier := self._underway.get(source)) is not None:
                # Whatever becomes of it: only then is it known what this is.
                await asyncio.wait([earlier])
            if sequence <= self._sources.get(source, -1):
                return
        found = []
        for sample in samples:
            series = self._of(sample)
            if series is None:
                self.dropped += 1
            else:
                found.append((series, sample))
        if self._pending_count + len(found) > self._limits.pending_max:
            raise SeriesFailedError("too many samples wait for the disk")
        await self._queue(found, source, sequence)

    async def record(self, samples: Iterable[Sample]) -> None:
        """Keep samples, all or none; return when they are durable. Raises SeriesFullError,
        SeriesFailedError."""
        found = []
        for sample in samples:
            series = self._of(sample)
            if series is None:
                raise SeriesFullError(f"there are {self._limits.series_max} already")
            found.append((series, sample))
        await self._queue(found, None, 0)

    async def summaries(
        self, metric: Metric, *, begin: int, end: int, period: int, unit: str | None = None
    ) -> Mapping[int, Summary]:
        """What was seen in each span of `period` seconds from `begin` on, by where the span begins."""
        # Periods of minutes are made of minutes and of what minutes have become, but of nothing coarser.
        tiers = [t for t in TIERS[1:] if t.seconds <= period] if period >= MINUTE.seconds else [FINE]
        whole_end = end + -(end - begin) % period
        while True:
            # Each time: a series may be forgotten meanwhile, and its row with it.
            units = self._series.get(metric, {})
            wanted = [series for name, series in units.items() if unit in (None, name)]
            if not wanted or end <= begin:
                return {}
            ids = [series.id for series in wanted]
            head = [
                point for series in wanted for point in series.head(begin, whole_end) if point[0] in tiers
            ]
            known = [series.flushed for series in wanted]
            read = partial(_read, self._file, ids, tiers, head, begin, whole_end, period)
            flushed, spans = await self._on_reader(read)
            if flushed == known:
                return spans
            # Merged meanwhile: the flush ends in a moment, and with it the head has let go of the points.
            await asyncio.sleep(0)

    async def statistics(
        self, metric: Metric, *, begin: int, end: int, period: int, statistic: str, unit: str | None = None
    ) -> Mapping[int, float]:
        """One number for each span; see `summaries`. Raises UnknownStatisticError."""
        spans = await self.summaries(metric, begin=begin, end=end, period=period, unit=unit)
        return numbers(spans, statistic)

    async def run(self) -> None:
        """Flush and age until cancelled."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            try:
                await self.flush(self._clock.monotonic() - FLUSH_AFTER_SECONDS)
                if self._clock.monotonic() - self._aged_at >= AGEING_EVERY_SECONDS:
                    await self.age()
            except Exception:
                # The head and the log still have what could not be merged: no reason to end control.
                _log.exception("metrics could not be put in order on disk")

    async def flush(self, dirty_before: float) -> None:
        """Merge the heads that hold points since before then (monotonic seconds) into chunks."""
        while True:
            batch = self._due(dirty_before)
            if not batch:
                return
            cut_before = self._first_needed(batch)
            deltas = [(series.id, series.last_at, series.begin_flush()) for series in batch]
            for series in batch:
                del self._dirty[series]
            try:
                await self._on_writer(partial(self._file.flush, deltas, cut_before))
            except BaseException:
                for series in batch:
                    series.undo_flush()
                self._dirty = dict.fromkeys([*batch, *self._dirty])
                raise
            for series in batch:
                series.end_flush()

    async def age(self) -> None:
        """Have points grow old, and forget series of which nothing is left."""
        self._aged_at = self._clock.monotonic()
        now = int(self._clock.now().timestamp())
        for tier in TIERS:
            await self._grow_old(tier, now - tier.keep_seconds)
        for tier, kept in _KEPT_WHEN_FULL.items():
            while await self._on_writer(self._file.used_bytes) > self._limits.bytes_max:
                step = partial(self._file.grow_old, tier, now - kept, AGEING_CHUNKS_MAX)
                if not await self._on_writer(step):
                    break
        await self._forget(older(self._every(), now - HOUR.keep_seconds - HOUR.chunk_seconds))
        if self.count > self._limits.passing_max:
            ended = now - TASKS_REST_SECONDS
            await self._forget(surplus_of_tasks(self._every(), ended, self._limits.passing_max))
        for name in await self._on_writer(partial(self._file.forget_sources, now - SOURCES_KEPT_SECONDS)):
            self._sources.pop(name, None)

    async def close(self) -> None:
        """Wait for the writer and close the file; the log has what is in no chunk yet."""
        if self._writing is not None:
            await self._writing
        self._write_thread.shutdown()
        self._read_thread.shutdown()
        self._file.close()

    def _of(self, sample: Sample) -> Series | None:
        units = self._series.get(sample.metric)
        series = units.get(sample.unit) if units is not None else None
        if series is None and self.count < self._limits.series_max:
            # As young as its first sample: while that is being written the series is not to be forgotten.
            series = Series(self._next_id, sample.metric, sample.unit, last_at=sample.at)
            self._series.setdefault(sample.metric, {})[sample.unit] = series
            self._next_id += 1
            self.count += 1
            self._new.append(series)
        return series

    def _put(self, series: Series, sample: Sample, position: int) -> None:
        if series not in self._dirty:
            self._dirty[series] = None
            series.dirty_at = self._clock.monotonic()
        series.add(sample, position)

    async def _queue(self, found: list[tuple[Series, Sample]], source: str | None, sequence: int) -> None:
        if not found:
            return
        answer = asyncio.get_running_loop().create_future()
        self._pending.append(_Waiting(found, answer, source, sequence))
        self._pending_count += len(found)
        if source is not None:
            self._underway[source] = answer
        if self._file.is_instant:
            self._write_instantly()
        elif self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        await asyncio.shield(answer)

    def _write_instantly(self) -> None:
        batch, new, position = self._next_batch()
        _append(self._file, position, batch, new, int(self._clock.now().timestamp()))
        self._settle(batch, position)

    async def _write(self) -> None:
        while self._pending:
            batch, new, position = self._next_batch()
            try:
                now = int(self._clock.now().timestamp())
                await self._on_writer(partial(_append, self._file, position, batch, new, now))
            except Exception as error:
                self._new = [*new, *self._new]
                self._fail(batch, error)
            else:
                self._settle(batch, position)

    def _next_batch(self) -> tuple[list[_Waiting], list[Series], int]:
        batch, self._pending, self._pending_count = self._pending, [], 0
        new, self._new = self._new, []
        self._position += 1
        return batch, new, self._position

    def _settle(self, batch: list[_Waiting], position: int) -> None:
        for waiting in batch:
            for series, sample in waiting.found:
                self._put(series, sample, position)
            self.recorded += len(waiting.found)
            if waiting.source is not None:
                self._sources[waiting.source] = waiting.sequence
            self._answer(waiting, None)

    def _fail(self, batch: list[_Waiting], error: Exception) -> None:
        _log.error("metrics could not be written", exc_info=error)
        for waiting in batch:
            failure = SeriesFailedError("the disk refused a write")
            failure.__cause__ = error
            self._answer(waiting, failure)

    def _answer(self, waiting: _Waiting, failure: Exception | None) -> None:
        if waiting.source is not None and self._underway.get(waiting.source) is waiting.answer:
            del self._underway[waiting.source]
        if failure is None:
            waiting.answer.set_result(None)
        else:
            waiting.answer.set_exception(failure)
            # Whoever waited may have left.
            waiting.answer.exception()

    def _due(self, dirty_before: float) -> list[Series]:
        """The heads that have been dirty the longest come first."""
        batch: list[Series] = []
        for series in self._dirty:
            if series.dirty_at > dirty_before or len(batch) >= FLUSH_SERIES_MAX:
                break
            batch.append(series)
        return batch

    def _first_needed(self, batch: list[Series]) -> int:
        """Where the log must begin once these series are flushed: with what is still only in heads."""
        left = len(batch)
        later = next((series for n, series in enumerate(self._dirty) if n >= left), None)
        return self._position if later is None else later.fresh.since

    async def _grow_old(self, tier: Tier, before: int) -> None:
        step = partial(self._file.grow_old, tier, before, AGEING_CHUNKS_MAX)
        while await self._on_writer(step):
            pass

    def _every(self) -> list[Series]:
        return [series for units in self._series.values() for series in units.values()]

    async def _forget(self, gone: list[Series]) -> None:
        for series in gone:
            units = self._series[series.metric]
            del units[series.unit]
            if not units:
                del self._series[series.metric]
        self.count -= len(gone)
        for first in range(0, len(gone), AGEING_CHUNKS_MAX):
            ids = [series.id for series in gone[first : first + AGEING_CHUNKS_MAX]]
            await self._on_writer(partial(self._file.forget, ids))

    async def _on_writer(self, work: Callable[[], T]) -> T:
        return await self._on(self._write_thread, work)

    async def _on_reader(self, work: Callable[[], T]) -> T:
        return await self._on(self._read_thread, work)

    async def _on(self, thread: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        if self._file.is_instant:
            return work()
        return await asyncio.get_running_loop().run_in_executor(thread, work)


def numbers(spans: Mapping[int, Summary], name: str) -> dict[int, float]:
    """The statistic of each span; spans of which it cannot be said are left out."""
    found = ((at, statistic(summary, name)) for at, summary in spans.items())
    return {at: number for at, number in found if number is not None}


def _append(file: SeriesFile, position: int, batch: list[_Waiting], new: list[Series], now: int) -> None:
    # On the writer's thread, encoding too: samples never change.
    entries: list[Entry] = [
        (series.id, sample.at, sample.seconds, sample.summary)
        for waiting in batch
        for series, sample in waiting.found
    ]
    file.append(
        position,
        entries,
        new=[(series.id, (series.metric, series.unit), 0) for series in new],
        sources=[(one.source, one.sequence, now) for one in batch if one.source is not None],
    )


def _read(
    file: SeriesFile, ids: list[int], tiers: list[Tier], head: list[Point], begin: int, end: int, period: int
) -> tuple[list[int], Points]:
    # On the reader's thread, adding up too: months of minutes would hold the loop.
    flushed, points = file.read(ids, tiers, begin, end)
    spans: Points = {}
    for _, at, summary in itertools.chain(head, points):
        add(spans, at - (at - begin) % period, summary)
    return flushed, spans


def _known(found: list[dict[str, Series]]) -> Iterator[KnownSeries]:
    for units in found:
        # A copy: the event loop's thread may add a unit.
        for series in list(units.values()):
            yield KnownSeries(series.metric, series.unit, series.last_at)


def _sample(series: Series, at: int, seconds: int, summary: Summary) -> Sample:
    return Sample(metric=series.metric, at=at, seconds=seconds, unit=series.unit, summary=summary)
