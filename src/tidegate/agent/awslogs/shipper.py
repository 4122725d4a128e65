"""Ships the logs of containers, batch by batch. See the package for the theory of operation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import time

import msgspec
import structlog

from tidegate.agent.api import ApiError, EcsApi, UnreachableError
from tidegate.agent.awslogs.driver import LogDriver
from tidegate.agent.awslogs.files import Place, Reading, mark_of, read_after
from tidegate.agent.awslogs.sources import Source, Sources
from tidegate.agent.decisions.log_events import WINDOW_BYTES, Batch, batch_of
from tidegate.agent.engine import Engine
from tidegate.agent.ledger import Ledger, Record
from tidegate.fleet.files import write_whole
from tidegate.fleet.log_shipments import shipment_of, shipment_token

LOOK_EVERY_SECONDS = 0.5
_RETRY_SECONDS = (1.0, 2.0, 5.0)
# Before what control refuses, such as events of a group that is gone, is tried again.
REFUSED_SECONDS = 10.0
# A task whose group is gone for so long may be forgotten: nobody makes the group again.
GIVEN_UP_SECONDS = 3600.0
# Nobody writes the rest of a line, or of an event of several lines, so long after its beginning.
_QUIET_SECONDS = 2.0
# More than a container writes: bytes that are numbered from the time on have numbers that none had before.
_NUMBERS_A_SECOND = 10**8

_log = structlog.get_logger(__name__)


class Shipped(msgspec.Struct):
    """How far a container's log has come. `end`: up to where it is being sent; what is sent again is the
    same. `last_at`: the time of the last line before `place`, Unix milliseconds."""

    stream: str
    place: Place = Place()
    last_at: int = 0
    end: Place | None = None


@dataclass(slots=True)
class _Log:
    """`is_over`: its container has ended."""

    source: Source
    shipped: Shipped
    is_over: bool

    @property
    def key(self) -> str:
        return self.source.key

    @property
    def path(self) -> Path:
        return self.source.path


@dataclass(frozen=True, slots=True)
class _Sending:
    log: _Log
    batch: Batch
    is_more: bool


@dataclass(slots=True)
class _Refusal:
    """Since when control has refused a log's events, and until when they are not tried again."""

    since: float
    until: float


@dataclass(slots=True)
class Shipper:
    """Runs until cancelled. `lost`: how often lines were gone before they could be shipped."""

    folder: Path
    api: EcsApi
    driver: LogDriver
    ledger: Ledger
    engine: Engine
    now: Callable[[], float] = time
    lost: int = 0
    _first_total: int = 0
    _known: dict[str, Shipped] = field(default_factory=dict)
    _refused: dict[str, _Refusal] = field(default_factory=dict)
    _sources: Sources = field(init=False)

    def __post_init__(self) -> None:
        self._sources = Sources(self.folder / "logs")

    def load(self) -> None:
        """Read how far each log had come; before anything else."""
        try:
            self._known = msgspec.json.decode(self._file.read_bytes(), type=dict[str, Shipped])
        except FileNotFoundError:
            return
        except msgspec.DecodeError as error:
            aside = self._file.replace(self._file.with_name(f"{self._file.name}.damaged-{int(self.now())}"))
            _log.error(
                "what was shipped cannot be read: lines come again", kept_as=str(aside), reason=str(error)
            )
            self._first_total = self._beginning(0).total

    async def run(self) -> None:
        failures = 0
        while True:
            try:
                is_more = await self.ship()
                failures = 0
            except (UnreachableError, OSError) as error:
                # Control is away, or the disk is full: lines wait in their files.
                _log.info("logs wait", error=str(error))
                await asyncio.sleep(_RETRY_SECONDS[min(failures, len(_RETRY_SECONDS) - 1)])
                failures += 1
                continue
            if not is_more:
                await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def ship(self) -> bool:
        """Send a batch of each log that has something; whether one of them has more. Raises
        UnreachableError: what was not sent will be, as it is."""
        sendings = []
        for log in self._logs():
            sending = self._sending(log)
            if sending is not None:
                sendings.append(sending)
                # Whatever else the agent does goes on between two logs.
                await asyncio.sleep(0)
        if not sendings:
            return False
        await asyncio.to_thread(self._save)
        results = await asyncio.gather(*(self._send(one) for one in sendings), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return any(results)

    def has_shipped(self, record: Record) -> bool:
        """Whether nothing of a task waits any more but for a group that is long gone."""
        for container in record.payload.containers:
            log = self._log(record, container.name)
            if log is None or not log.path.exists() or self._is_given_up(log.key):
                continue
            if log.shipped.end is not None or read_after(log.path, log.shipped.place, 1).content:
                return False
        return True

    @property
    def _file(self) -> Path:
        return self.folder / "shipped.json"

    def _save(self) -> None:
        write_whole(self._file, msgspec.json.encode(self._known))

    def _logs(self) -> Iterator[_Log]:
        for record in list(self.ledger.records.values()):
            for container in record.payload.containers:
                log = self._log(record, container.name)
                if log is not None:
                    yield log
        self._let_go({record.payload.id for record in self.ledger.records.values()})

    def _let_go(self, alive: Collection[str]) -> None:
        """Of logs of tasks that are forgotten: they are shipped, or their group was gone for too long."""
        for key in [key for key in self._known if key.split("/")[0] not in alive]:
            del self._known[key]
            if self._refused.pop(key, None) is not None:
                self.lost += 1
                _log.warning("log lines were lost: nobody made their group again", log=key)
        self._sources.keep(alive)

    def _is_given_up(self, key: str) -> bool:
        refusal = self._refused.get(key)
        return refusal is not None and self.now() - refusal.since > GIVEN_UP_SECONDS

    def _log(self, record: Record, name: str) -> _Log | None:
        task = record.payload
        source = self._sources.of(task, name)
        if source is None:
            return None
        state = self.engine.states.get((task.id, name))
        shipped = self._known.get(source.key)
        if shipped is None:
            stream = source.options.stream(task.id, name, state.runtime_id if state is not None else "")
            if not stream or not source.path.exists():
                return None
            shipped = self._known[source.key] = Shipped(stream, Place(total=self._first_total))
        is_over = record.stopped_at is not None or (state is not None and state.status == "stopped")
        return _Log(source, shipped, is_over)

    def _sending(self, log: _Log) -> _Sending | None:
        """What of a log is to be sent next: what was being sent, or a new batch."""
        shipped = log.shipped
        # Before it is read: what comes meanwhile is new.
        mark = mark_of(log.path)
        if mark is None or (log.key in self._refused and self.now() < self._refused[log.key].until):
            return None
        if shipped.end is not None:
            size = shipped.end.total - shipped.place.total
            reading = read_after(log.path, shipped.place, size)
            if len(reading.content) == size and not reading.is_broken:
                return _Sending(log, _batch(log, reading, takes_all=True, takes_last=True), is_more=True)
            # It was rotated away meanwhile. Control may have it: its numbers are never those of other bytes.
            shipped.place, shipped.end = shipped.end, None
            if not read_after(log.path, shipped.place, 1).is_broken:
                return self._rest(log)
        if mark == log.source.read_to:
            return None
        reading = read_after(log.path, shipped.place, WINDOW_BYTES)
        if reading.is_broken:
            self._note_lost(log)
            # How many bytes are gone nobody knows: what follows has numbers that none had before.
            reading = read_after(log.path, self._beginning(shipped.place.total), WINDOW_BYTES)
        shipped.place = reading.start
        if not reading.content:
            log.source.read_to = mark
            return None
        is_quiet = self._is_quiet(log.path)
        batch = _batch(log, reading, takes_all=log.is_over and is_quiet, takes_last=is_quiet)
        if not batch.size:
            return None
        shipped.end = reading.after(batch.size)
        return _Sending(log, batch, batch.is_more)

    def _rest(self, log: _Log) -> _Sending | None:
        """What is left of a batch whose first files are gone: its bytes in the file where it ends, under the
        numbers that they had."""
        self._note_lost(log)
        end = log.shipped.place
        rest = Place(end.inode, end.head, 0, end.total - end.offset)
        reading = read_after(log.path, rest, end.offset)
        if reading.is_broken or len(reading.content) != end.offset:
            return None
        log.shipped.place, log.shipped.end = rest, end
        return _Sending(log, _batch(log, reading, takes_all=True, takes_last=True), is_more=True)

    def _beginning(self, total: int) -> Place:
        """Before all that there is of a log, under numbers that none of its bytes had."""
        return Place(total=max(total, int(self.now()) * _NUMBERS_A_SECOND))

    def _note_lost(self, log: _Log) -> None:
        self.lost += 1
        _log.warning("log lines were lost: more was written than is kept", log=log.key)

    def _is_quiet(self, path: Path) -> bool:
        with suppress(FileNotFoundError):
            return self.now() - path.stat().st_mtime > _QUIET_SECONDS
        # In the middle of a rotation.
        return False

    async def _send(self, sending: _Sending) -> bool:
        """Whether there is more to be sent at once. Raises UnreachableError."""
        log, shipped = sending.log, sending.log.shipped
        assert shipped.end is not None
        if sending.batch.events:
            try:
                await self._put(log, sending.batch)
            except ApiError as error:
                if (position := _position_of(error)) is not None:
                    self._go_on(log, position)
                    return True
                if not error.is_final:
                    self._complain(log, error)
                    # No reason to hurry.
                    return False
                _log.error("log events were refused", log=log.key, error=str(error))
        self._refused.pop(log.key, None)
        shipped.place, shipped.last_at, shipped.end = shipped.end, sending.batch.last_at, None
        return sending.is_more

    async def _put(self, log: _Log, batch: Batch) -> None:
        """Raises ApiError, UnreachableError."""
        shipped = log.shipped
        assert shipped.end is not None
        request = {
            "logGroupName": log.source.options.group,
            "logStreamName": shipped.stream,
            "logEvents": [{"timestamp": at, "message": text} for at, text in batch.events],
            "sequenceToken": shipment_token(shipped.place.total, shipped.end.total),
        }
        try:
            await self.api.call("PutLogEvents", request, "logs")
        except ApiError as error:
            if error.code != "ResourceNotFoundException":
                raise
            await self.driver.create_stream(log.source.options, shipped.stream)
            await self.api.call("PutLogEvents", request, "logs")

    def _go_on(self, log: _Log, position: int) -> None:
        """Control has a part of the batch: an agent whose files were put back cut it elsewhere before."""
        shipped = log.shipped
        size = position - shipped.place.total
        reading = read_after(log.path, shipped.place, max(0, size))
        if reading.is_broken or len(reading.content) != size:
            # Where that part ends is not known any more: better a line twice than one that is lost.
            shipped.place, shipped.end = self._beginning(position), None
            return
        kept = _batch(log, reading, takes_all=True, takes_last=True)
        shipped.place, shipped.last_at, shipped.end = reading.after(size), kept.last_at, None

    def _complain(self, log: _Log, error: ApiError) -> None:
        """Once: the group may have been deleted for good, or be made again."""
        if log.key not in self._refused:
            _log.warning("log events cannot be put", log=log.key, error=str(error))
            self._refused[log.key] = _Refusal(self.now(), 0.0)
        self._refused[log.key].until = self.now() + REFUSED_SECONDS


def _position_of(error: ApiError) -> int | None:
    """How far control has a stream of which a batch repeats a part; None for other errors."""
    bounds = shipment_of(str(error.details.get("expectedSequenceToken", "")))
    return None if bounds is None else bounds[0]


def _batch(log: _Log, reading: Reading, *, takes_all: bool, takes_last: bool) -> Batch:
    start = log.source.options.start
    is_start = None if start is None else (lambda text: start.search(text) is not None)
    return batch_of(
        reading.content, log.shipped.last_at, is_start=is_start, takes_all=takes_all, takes_last=takes_last
    )
