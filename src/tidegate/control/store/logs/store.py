"""The log store: groups what is written into commits, reads on threads. See the package for the theory of
operation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import structlog

from tidegate.control.store.logs.file import LogFile, Shipment, StreamRow
from tidegate.control.store.logs.reading import LogPage, LogQuery, read_page
from tidegate.control.store.store import StoreFailedError
from tidegate.domain.logs import NewEvents, event_size
from tidegate.domain.time import Clock

# How long a page may be looked for; a caller asks again with the place that it has reached.
PAGE_SECONDS_MAX = 1.0
# Small chunks of a stream before they are merged, and how many at once.
MERGE_CHUNKS_MIN = 32
MERGE_CHUNKS_MAX = 512
MERGE_EVERY_SECONDS = 5.0
# Chunks removed in one commit, so that what is put meanwhile waits for some milliseconds only.
REMOVE_CHUNKS_MAX = 200
# Of those that came first, so that not much more goes than has to.
DROP_CHUNKS_MAX = 10
READERS = 2

T = TypeVar("T")

_log = structlog.get_logger(__name__)


class UnknownStreamError(Exception):
    """There is no such stream."""


class StreamExistsError(Exception):
    """There is such a stream already."""


class PartlyKeptError(Exception):
    """A part of a shipment was kept before, nothing of it is kept now. `position`: up to where."""

    def __init__(self, position: int) -> None:
        super().__init__(f"kept up to {position}")
        self.position = position


class LogStoreFailedError(StoreFailedError):
    """The disk did not take the events, or too many wait for it. Retryable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLimits:
    """`bytes_max`: of the file; beyond it those events are dropped that came first. `pending_bytes_max`: of
    what waits for the disk."""

    bytes_max: int = 2 * 2**30
    pending_bytes_max: int = 64 * 2**20


@dataclass(frozen=True, slots=True)
class _Waiting:
    """One change of the file, and who waits until it is on disk."""

    work: Callable[[], Any]
    size: int
    answer: asyncio.Future[Any]


class LogStore:
    """Log events of a region, by the ids of their groups. All methods belong to one event loop."""

    def __init__(self, file: LogFile, clock: Clock, limits: LogLimits | None = None) -> None:
        self._file = file
        self._clock = clock
        self._limits = limits or LogLimits()
        self._pending: list[_Waiting] = []
        self._pending_bytes = 0
        self._writing: asyncio.Task[None] | None = None
        self._is_closing = False
        self._write_thread = ThreadPoolExecutor(1, thread_name_prefix="log-writer")
        self._read_threads = ThreadPoolExecutor(READERS, thread_name_prefix="log-reader")

    async def create_stream(self, group: str, name: str) -> None:
        """Raises StreamExistsError, LogStoreFailedError."""
        if not await self._write(partial(self._file.add_stream, group, name, self._now())):
            raise StreamExistsError(name)

    async def append(
        self, group: str, name: str, events: NewEvents, shipment: Shipment | None = None
    ) -> None:
        """Keep events; return when they are durable. A shipment that comes again is not kept again. Raises
        UnknownStreamError, PartlyKeptError, LogStoreFailedError."""
        size = sum(event_size(message) for _, message in events)
        work = partial(self._file.append, group, name, events, self._now(), shipment)
        position = await self._write(work, size)
        if position is None:
            raise UnknownStreamError(name)
        if shipment is not None and position < shipment.end:
            raise PartlyKeptError(position)

    async def remove_stream(self, group: str, name: str) -> None:
        """Raises UnknownStreamError, LogStoreFailedError."""
        while True:
            is_removed = await self._write(partial(self._file.remove_stream, group, name, REMOVE_CHUNKS_MAX))
            if is_removed is None:
                raise UnknownStreamError(name)
            if is_removed:
                return

    async def remove_group(self, group: str) -> None:
        """Remove all that is kept of a group. Raises LogStoreFailedError."""
        while not await self._write(partial(self._file.remove_group, group, REMOVE_CHUNKS_MAX)):
            pass

    async def expire(self, group: str, before: int) -> None:
        """Remove events that are older (Unix milliseconds), by whole chunks, and streams that have had none
        since. Raises LogStoreFailedError."""
        while not await self._write(partial(self._file.expire, group, before, REMOVE_CHUNKS_MAX)):
            pass
        await self.remove_idle_streams(group, before)

    async def remove_idle_streams(self, group: str, before: int) -> None:
        """Remove streams without events to which nothing came since. Raises LogStoreFailedError."""
        await self._write(partial(self._file.remove_idle_streams, group, before))

    async def groups(self) -> list[str]:
        """The ids of groups of which anything is kept."""
        return await self._write(self._file.groups)

    async def stream(self, group: str, name: str) -> StreamRow | None:
        return await self._read(partial(self._file.stream, group, name))

    async def streams_by_name(
        self, group: str, *, prefix: str = "", after: str | None = None, size: int, descending: bool = False
    ) -> list[StreamRow]:
        """In the order of names."""
        return await self._read(
            partial(self._file.streams_by_name, group, prefix, after, size, descending=descending)
        )

    async def streams_by_event(
        self, group: str, *, after: tuple[int, str] | None = None, size: int, descending: bool = False
    ) -> list[StreamRow]:
        """In the order of last events."""
        return await self._read(
            partial(self._file.streams_by_event, group, after, size, descending=descending)
        )

    async def stream_names(self, ids: Iterable[int]) -> dict[int, str]:
        """The names of streams by their numbers; those that are gone are left out."""
        return await self._read(partial(self._file.stream_names, list(ids)))

    async def stored_bytes(self, groups: Sequence[str]) -> Mapping[str, int]:
        """What each group's events count for; groups without any are left out."""
        return await self._read(partial(self._file.stored_bytes, groups))

    async def page(self, query: LogQuery) -> LogPage:
        """A page of events. It may have none and still not be the last: its time was up."""
        return await self._read(partial(self._page, query))

    async def run(self) -> None:
        """Merge chunks and keep the file within its bound, until cancelled."""
        while True:
            await asyncio.sleep(MERGE_EVERY_SECONDS)
            try:
                await self.tidy()
            except Exception:
                # What was put is on disk all the same: no reason to end control.
                _log.exception("logs could not be put in order on disk")

    async def tidy(self) -> None:
        """Merge small chunks, and drop what came first where the file is too large."""
        for stream in await self._write(partial(self._file.fragmented, MERGE_CHUNKS_MIN)):
            await self._write(partial(self._file.merge, stream, MERGE_CHUNKS_MAX))
        dropped = 0
        while await self._write(self._file.used_bytes) > self._limits.bytes_max:
            gone = await self._write(partial(self._file.drop_oldest, DROP_CHUNKS_MAX))
            dropped += gone
            if not gone:
                break
        if dropped:
            _log.warning("log events were dropped: the file is at its bound", chunks=dropped)

    async def close(self) -> None:
        """Wait for the writer, let pages that are looked for end where they are, and close the file."""
        self._is_closing = True
        if self._writing is not None:
            await self._writing
        self._write_thread.shutdown()
        # Off the loop: a reader may be at a long event, and its connection is not to be closed meanwhile.
        await asyncio.to_thread(self._read_threads.shutdown, cancel_futures=True)
        self._file.close()

    def _now(self) -> int:
        return int(self._clock.now().timestamp() * 1000)

    def _page(self, query: LogQuery) -> LogPage:
        # On a reader's thread.
        until = self._clock.monotonic() + PAGE_SECONDS_MAX
        return read_page(
            self._file.reader, query, lambda: self._is_closing or self._clock.monotonic() > until
        )

    async def _read(self, work: Callable[[], T]) -> T:
        if self._file.is_instant:
            return work()
        return await asyncio.get_running_loop().run_in_executor(self._read_threads, work)

    async def _write(self, work: Callable[[], T], size: int = 0) -> T:
        if self._file.is_instant:
            with self._file.transaction():
                return work()
        if size and self._pending_bytes + size > self._limits.pending_bytes_max:
            raise LogStoreFailedError("too many log events wait for the disk")
        waiting = _Waiting(work, size, asyncio.get_running_loop().create_future())
        self._pending.append(waiting)
        self._pending_bytes += size
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_pending())
        result: T = await asyncio.shield(waiting.answer)
        return result

    async def _write_pending(self) -> None:
        loop = asyncio.get_running_loop()
        while self._pending:
            batch, self._pending, self._pending_bytes = self._pending, [], 0
            try:
                results = await loop.run_in_executor(self._write_thread, self._carry_out, batch)
            except Exception as error:
                _log.error("logs could not be written", exc_info=error)
                for waiting in batch:
                    failure = LogStoreFailedError("the disk refused a write")
                    failure.__cause__ = error
                    waiting.answer.set_exception(failure)
                    # Whoever waited may have left.
                    waiting.answer.exception()
            else:
                for waiting, result in zip(batch, results, strict=True):
                    waiting.answer.set_result(result)

    def _carry_out(self, batch: list[_Waiting]) -> list[Any]:
        # On the writer's thread, packing too: a large batch would hold the loop.
        with self._file.transaction():
            return [waiting.work() for waiting in batch]
