"""Ships the logs of containers, batch by batch. See the package for the theory of operation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import time

import msgspec
import structlog

from tidegate.agent.api import ApiError, EcsApi, UnreachableError
from tidegate.agent.awslogs.driver import LogDriver
from tidegate.agent.awslogs.files import Place, Reading, read_after
from tidegate.agent.awslogs.options import LogOptions, log_options
from tidegate.agent.decisions.log_events import WINDOW_BYTES, Batch, batch_of
from tidegate.agent.engine import Engine
from tidegate.agent.ledger import Ledger, Record
from tidegate.agent.runtime import RuntimeFault
from tidegate.fleet.files import write_whole
from tidegate.fleet.log_shipments import shipment_token

LOOK_EVERY_SECONDS = 0.5
_RETRY_SECONDS = (1.0, 2.0, 5.0)
# Before what control refuses, such as events of a group that is gone, is tried again.
REFUSED_SECONDS = 10.0
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

    key: str
    path: Path
    options: LogOptions
    shipped: Shipped
    is_over: bool


@dataclass(frozen=True, slots=True)
class _Sending:
    log: _Log
    batch: Batch
    is_more: bool


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
    _refused: dict[str, float] = field(default_factory=dict)

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
            self._first_total = int(self.now()) * _NUMBERS_A_SECOND

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
        # What control refused for now is no reason to hurry.
        return any(one.is_more and one.log.shipped.end is None for one in sendings)

    def has_shipped(self, record: Record) -> bool:
        """Whether nothing of a task waits any more but for a group that is gone."""
        for container in record.payload.containers:
            log = self._log(record, container.name)
            if log is None or log.key in self._refused:
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
        # Logs of tasks that are forgotten have long been shipped.
        alive = {record.payload.id for record in self.ledger.records.values()}
        self._known = {key: one for key, one in self._known.items() if key.split("/")[0] in alive}

    def _log(self, record: Record, name: str) -> _Log | None:
        task = record.payload
        path = self.folder / "logs" / task.id / f"{name}.log"
        try:
            options = log_options(task.container(name))
        except RuntimeFault:
            return None
        if options is None or not path.exists():
            return None
        state = self.engine.states.get((task.id, name))
        key = f"{task.id}/{name}"
        shipped = self._known.get(key)
        if shipped is None:
            stream = options.stream(task.id, name, state.runtime_id if state is not None else "")
            if not stream:
                return None
            shipped = self._known[key] = Shipped(stream, Place(total=self._first_total))
        is_over = record.stopped_at is not None or (state is not None and state.status == "stopped")
        return _Log(key, path, options, shipped, is_over)

    def _sending(self, log: _Log) -> _Sending | None:
        """What of a log is to be sent next: what was being sent, or a new batch."""
        shipped = log.shipped
        if self.now() < self._refused.get(log.key, 0.0):
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
        reading = read_after(log.path, shipped.place, WINDOW_BYTES)
        if reading.is_broken:
            self._note_lost(log)
        if not reading.content:
            return None
        shipped.place = reading.start
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

    def _note_lost(self, log: _Log) -> None:
        self.lost += 1
        _log.warning("log lines were lost: more was written than is kept", log=log.key)

    def _is_quiet(self, path: Path) -> bool:
        with suppress(FileNotFoundError):
            return self.now() - path.stat().st_mtime > _QUIET_SECONDS
        # In the middle of a rotation.
        return False

    async def _send(self, sending: _Sending) -> None:
        """Raises UnreachableError."""
        log, shipped = sending.log, sending.log.shipped
        assert shipped.end is not None
        if sending.batch.events:
            try:
                await self._put(log, sending.batch)
            except ApiError as error:
                if not error.is_final:
                    self._complain(log, error)
                    return
                _log.error("log events were refused", log=log.key, error=str(error))
        self._refused.pop(log.key, None)
        shipped.place, shipped.last_at, shipped.end = shipped.end, sending.batch.last_at, None

    async def _put(self, log: _Log, batch: Batch) -> None:
        """Raises ApiError, UnreachableError."""
        shipped = log.shipped
        assert shipped.end is not None
        request = {
            "logGroupName": log.options.group,
            "logStreamName": shipped.stream,
            "logEvents": [{"timestamp": at, "message": text} for at, text in batch.events],
            "sequenceToken": shipment_token(shipped.place.total, shipped.end.total),
        }
        try:
            await self.api.call("PutLogEvents", request, "logs")
        except ApiError as error:
            if error.code != "ResourceNotFoundException":
                raise
            await self.driver.create_stream(log.options, shipped.stream)
            await self.api.call("PutLogEvents", request, "logs")

    def _complain(self, log: _Log, error: ApiError) -> None:
        """Once: the group may have been deleted for good, or be made again."""
        if log.key not in self._refused:
            _log.warning("log events cannot be put", log=log.key, error=str(error))
        self._refused[log.key] = self.now() + REFUSED_SECONDS


def _batch(log: _Log, reading: Reading, *, takes_all: bool, takes_last: bool) -> Batch:
    start = log.options.start
    is_start = None if start is None else (lambda text: start.search(text) is not None)
    return batch_of(
        reading.content, log.shipped.last_at, is_start=is_start, takes_all=takes_all, takes_last=takes_last
    )
