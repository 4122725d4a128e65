"""The store: transactions, grouped commits, signals. See the package for the theory of operation."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Protocol, TypeVar

import msgspec

from tidegate.control.store.database import Database, DatabaseLostError, StoredRow, WriteRefusedError
from tidegate.control.store.snapshot import Snapshot
from tidegate.control.store.table import Table
from tidegate.fleet.durations import Durations

# A commit that many share wakes them all: requests and timers have their turns in between.
ANSWERS_PER_TURN = 50

T = TypeVar("T")
R = TypeVar("R")


class Conflict(Exception):
    """A row is no longer what the decision was made on. Look again and decide again."""


class StoreFailedError(Exception):
    """The database did not take a write. Retryable: the store goes on, or this process ends and the
    next one knows what was kept."""


@dataclass(frozen=True, slots=True)
class Change:
    """One row of a commit: `old` None when it is new, `new` None when it is gone."""

    table: Table[Any]
    key: str
    old: Any
    new: Any


class Committer(Protocol):
    """Counts the transactions in which it changed something."""

    commits: int


_committer: ContextVar[Committer | None] = ContextVar("committer", default=None)


@contextlib.contextmanager
def committing(committer: Committer) -> Iterator[None]:
    """Count what this job commits inside."""
    token = _committer.set(committer)
    try:
        yield
    finally:
        _committer.reset(token)


Changes = Sequence[Change]
Subscriber = Callable[[Changes], None]


class Transaction:
    """What a transaction's function reads and writes: the newest state and its own changes."""

    def __init__(self, base: Snapshot) -> None:
        self._state = base
        self._changes: dict[tuple[str, str], Change] = {}

    @property
    def state(self) -> Snapshot:
        """The state with this transaction's changes: what decisions read."""
        return self._state

    @property
    def changes(self) -> list[Change]:
        return [change for change in self._changes.values() if change.old != change.new]

    def get(self, table: Table[T], key: str) -> T | None:
        return self._state.get(table, key)

    def all(self, table: Table[T]) -> Iterator[T]:
        return self._state.all(table)

    def by(self, table: Table[T], index: str, value: str) -> Iterator[T]:
        return self._state.by(table, index, value)

    def put(self, table: Table[T], row: T) -> None:
        """Write a row; an equal one is no change."""
        self._write(table, table.key(row), row)

    def delete(self, table: Table[T], key: str) -> None:
        """Remove a row; one that is not there is no change."""
        self._write(table, key, None)

    def expect(self, table: Table[T], key: str, row: T | None) -> None:
        """Guard: raise Conflict unless the row is still what it was."""
        found = self._state.get(table, key)
        if found is not row and found != row:
            raise Conflict(f"{table.name} {key} has changed")

    def _write(self, table: Table[T], key: str, row: T | None) -> None:
        found = self._state.get(table, key)
        if found is row or found == row:
            return
        known = self._changes.get((table.name, key))
        old = known.old if known else found
        self._changes[table.name, key] = Change(table, key, old, row)
        self._state = self._state.with_row(table, key, row)


@dataclass(slots=True)
class _Pending:
    state: Snapshot
    changes: list[Change]
    answer: asyncio.Future[None]


class Store:
    """The region's state. All methods belong to one event loop; the database to one thread."""

    def __init__(self, database: Database, tables: Iterable[Table[Any]]) -> None:
        self._database = database
        self._tables = {table.name: table for table in tables}
        self._snapshot = Snapshot()
        self._head = self._snapshot
        self._pending: list[_Pending] = []
        self._writer: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self._subscribers: list[Subscriber] = []
        self._lost = asyncio.Event()
        self.commits = 0
        self.failed_commits = 0
        # Of writes to the database, each of which may hold many transactions.
        self.durations = Durations()

    def load(self, revision_at_least: int = 0) -> None:
        """Read the whole state from the database; before anything else. Revisions go on from there, or from
        `revision_at_least`: a database that was restored would give out again those that nodes know."""
        contents: dict[Table[Any], dict[str, Any]] = {table: {} for table in self._tables.values()}
        decoders = {name: msgspec.json.Decoder(table.row_type) for name, table in self._tables.items()}
        for stored in self._database.load():
            table = self._tables.get(stored.table)
            # Rows of a table that this version does not know stay on disk, unread.
            if table is not None and stored.body is not None:
                contents[table][stored.key] = decoders[stored.table].decode(stored.body)
        revision = max(self._database.revision, revision_at_least)
        if revision > self._database.revision:
            # Nodes may hear of it before anything is committed. A full disk keeps nobody from reading.
            with contextlib.suppress(WriteRefusedError):
                self._database.write((), revision)
        self._snapshot = self._head = Snapshot.of(revision, contents)

    @property
    def snapshot(self) -> Snapshot:
        """The newest durable state."""
        return self._snapshot

    def subscribe(self, callback: Subscriber) -> None:
        """Call back with the changes of every durable commit: a signal, not a source of truth."""
        self._subscribers.append(callback)

    async def transact(self, function: Callable[[Transaction], R]) -> R:
        """Run the function against the newest state, all or nothing; return when it is durable.

        What the function raises is raised, with nothing changed. Raises StoreFailedError when the
        database refuses. A function that changes nothing still waits for what it read to be durable.
        A caller that is cancelled while it waits does not take its transaction back.
        """
        if self._lost.is_set():
            raise StoreFailedError("the database is lost; this process is ending")
        transaction = Transaction(self._head)
        result = function(transaction)
        changes = transaction.changes
        if not changes and self._head is self._snapshot:
            return result
        if changes:
            self._head = transaction.state.at(self._head.revision + 1)
        answer = asyncio.get_running_loop().create_future()
        self._pending.append(_Pending(self._head, changes, answer))
        if self._database.is_instant:
            self._flush_instantly()
        elif self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        await answer
        committer = _committer.get() if changes else None
        if committer is not None:
            committer.commits += 1
        return result

    async def check(self) -> None:
        """Learn early that this process may no longer write: then `lost` returns."""
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._database.check)
        except DatabaseLostError:
            self._lost.set()

    async def lost(self) -> None:
        """Return once the database is lost: no transaction will succeed again, and the process must end,
        because only a fresh load tells what was kept."""
        await self._lost.wait()

    async def close(self) -> None:
        """Wait for the writer and close the database."""
        if self._writer is not None:
            await self._writer
        self._thread.shutdown()
        self._database.close()

    def _flush_instantly(self) -> None:
        batch, self._pending = self._pending, []
        self._database.write(_encoded(batch), batch[-1].state.revision)
        self._settle(batch)
        _answer(batch)

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while self._pending:
            batch, self._pending = self._pending, []
            try:
                if any(pending.changes for pending in batch):
                    await loop.run_in_executor(self._thread, self._put, batch)
            except Exception as error:
                if isinstance(error, DatabaseLostError):
                    self._lost.set()
                self._fail(batch, error)
                return
            self._settle(batch)
            for first in range(0, len(batch), ANSWERS_PER_TURN):
                _answer(batch[first : first + ANSWERS_PER_TURN])
                await asyncio.sleep(0)

    def _put(self, batch: list[_Pending]) -> None:
        # On the writer's thread, encoding too: rows never change, and a large batch would hold the loop.
        began = perf_counter()
        self._database.write(_encoded(batch), batch[-1].state.revision)
        self.durations.add(perf_counter() - began)

    def _settle(self, batch: list[_Pending]) -> None:
        self._snapshot = batch[-1].state
        self.commits += 1
        changes = [change for pending in batch for change in pending.changes]
        if changes:
            for subscriber in self._subscribers:
                self._signal(subscriber, changes)

    def _signal(self, subscriber: Subscriber, changes: Changes) -> None:
        # A subscriber's bug must stop neither the writer nor the other subscribers.
        try:
            subscriber(changes)
        except Exception as error:
            asyncio.get_running_loop().call_exception_handler(
                {"message": "a subscriber of the store failed", "exception": error}
            )

    def _fail(self, batch: list[_Pending], error: Exception) -> None:
        # What queued meanwhile was built on what failed: it fails with it.
        batch, self._pending = batch + self._pending, []
        self._head = self._snapshot
        self.failed_commits += 1
        for pending in batch:
            if not pending.answer.done():
                failure = StoreFailedError("the database refused a write")
                failure.__cause__ = error
                pending.answer.set_exception(failure)


def _answer(batch: list[_Pending]) -> None:
    for pending in batch:
        if not pending.answer.done():
            pending.answer.set_result(None)


def _encoded(batch: list[_Pending]) -> list[StoredRow]:
    """The last state of each row that the batch changed."""
    newest: dict[tuple[str, str], StoredRow] = {}
    for pending in batch:
        for change in pending.changes:
            body = None if change.new is None else msgspec.json.encode(change.new)
            newest[change.table.name, change.key] = StoredRow(change.table.name, change.key, body)
    return list(newest.values())
