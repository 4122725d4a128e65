"""Tells the URLs of alarms' actions: tries again for a while, and writes into history what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from tidegate.control.alarm_records import write_executed
from tidegate.control.controllers.context import ControlContext
from tidegate.control.store import Change, Snapshot, Transaction
from tidegate.control.store.tables import PENDING_NOTIFICATIONS
from tidegate.control.webhooks import AT_ONCE_MAX, WebhookFailedError
from tidegate.domain.cloudwatch import PendingNotification

ATTEMPTS_MAX = 8
_BACK_OFF_FIRST = timedelta(seconds=1)
_BACK_OFF_MAX = timedelta(minutes=1)
_TURN = timedelta(seconds=1)


class Notifications:
    """Keyed by notification. One that was heard, but not written down when control died, is told again,
    under the same id."""

    name = "notifications"

    def __init__(self, context: ControlContext) -> None:
        self._context = context
        self._telling = 0

    def keys_to_wake(self, changes: Sequence[Change]) -> Iterable[str]:
        return [
            change.key for change in changes if isinstance(change.new, PendingNotification) and not change.old
        ]

    def all_keys(self, snapshot: Snapshot) -> Iterable[str]:
        return [row.id for row in snapshot.all(PENDING_NOTIFICATIONS)]

    async def reconcile(self, key: str) -> datetime | None:
        context, now = self._context, self._context.clock.now()
        row = context.store.snapshot.get(PENDING_NOTIFICATIONS, key)
        if row is None:
            return None
        # A wait that is longer than any is one of before the clock was set back.
        if timedelta() < row.next_at - now <= _BACK_OFF_MAX:
            return row.next_at
        if self._telling >= AT_ONCE_MAX:
            # All controllers share a number of passes: URLs that are slow must not have every one of them.
            return now + _TURN
        self._telling += 1
        try:
            await context.webhooks.post(row.url, row.body.encode(), row.id)
        except WebhookFailedError as error:
            return await self._failed(row, str(error), now)
        finally:
            self._telling -= 1
        await context.store.transact(lambda tx: self._done(tx, row, None))
        return None

    async def _failed(self, row: PendingNotification, error: str, now: datetime) -> datetime | None:
        attempts = row.attempts + 1
        if attempts >= ATTEMPTS_MAX:
            await self._context.store.transact(lambda tx: self._done(tx, row, error))
            return None
        wait = min(_BACK_OFF_MAX, _BACK_OFF_FIRST * 2 ** (attempts - 1))
        after = replace(row, attempts=attempts, next_at=now + wait)
        await self._context.store.transact(lambda tx: tx.put(PENDING_NOTIFICATIONS, after))
        return after.next_at

    def _done(self, tx: Transaction, row: PendingNotification, error: str | None) -> None:
        if tx.get(PENDING_NOTIFICATIONS, row.id) is None:
            return
        tx.delete(PENDING_NOTIFICATIONS, row.id)
        write_executed(tx, row, error, self._context.ids, self._context.clock.now())
