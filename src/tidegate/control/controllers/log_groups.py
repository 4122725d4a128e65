"""Log groups: events expire, and what a deleted group left behind is swept up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from tidegate.control.controllers.context import ControlContext
from tidegate.control.decisions.log_groups import upkeep
from tidegate.control.store import Change, Snapshot
from tidegate.control.store.logs import LogStore
from tidegate.control.store.tables import LOG_GROUPS

_EVERY = timedelta(minutes=1)
_REGION = "region"


class LogGroups:
    """One key: the region."""

    name = "log groups"

    def __init__(self, context: ControlContext, logs: LogStore) -> None:
        self._context = context
        self._logs = logs

    def keys_to_wake(self, changes: Sequence[Change]) -> Iterable[str]:
        # What a deleted group holds may be most of the disk's bound.
        return (_REGION for change in changes if change.table is LOG_GROUPS and change.new is None)

    def all_keys(self, snapshot: Snapshot) -> Iterable[str]:  # noqa: ARG002 - there is one region
        return (_REGION,)

    async def reconcile(self, key: str) -> datetime | None:  # noqa: ARG002 - there is one
        # In this order: a group that is made meanwhile is not taken for one that is gone.
        kept = await self._logs.groups()
        now = self._context.clock.now()
        plan = upkeep(self._context.store.snapshot.all(LOG_GROUPS), kept, now)
        for group in plan.swept:
            await self._logs.remove_group(group)
        for group, since in plan.expiring.items():
            await self._logs.expire(group, _milliseconds(since))
        for group, since in plan.idle.items():
            await self._logs.remove_idle_streams(group, _milliseconds(since))
        return now + _EVERY


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
