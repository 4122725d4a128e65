"""Certificates: those of the installation's authority are renewed before they end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import structlog

from tidegate.control.controllers.context import ControlContext
from tidegate.control.decisions.certificates import plan
from tidegate.control.issuing import issued, renewed
from tidegate.control.store import Change, Snapshot, Transaction
from tidegate.control.store.tables import CERTIFICATES, LISTENERS

_log = structlog.get_logger(__name__)


class Certificates:
    """Keyed by certificate."""

    name = "certificates"

    def __init__(self, context: ControlContext) -> None:
        self._context = context

    def keys_to_wake(self, changes: Sequence[Change]) -> Iterable[str]:
        for change in changes:
            if change.table is CERTIFICATES:
                yield change.key
            elif change.table is LISTENERS and change.new is not None:
                yield from change.new.certificate_arns

    def all_keys(self, snapshot: Snapshot) -> Iterable[str]:
        return (row.arn for row in snapshot.all(CERTIFICATES))

    async def reconcile(self, key: str) -> datetime | None:
        context, now = self._context, self._context.clock.now()
        snapshot = context.store.snapshot
        row = snapshot.get(CERTIFICATES, key)
        if row is None:
            return None
        is_in_use = next(snapshot.by(LISTENERS, "certificate", key), None) is not None
        decided = plan(row, is_in_use=is_in_use, now=now)
        if not decided.is_renewed:
            return decided.next_look
        new = await issued(context.store, context.ids, row.names, row.key_algorithm, now)

        def renew(tx: Transaction) -> None:
            # Making the key took a while: what was renewed or deleted meanwhile is left alone.
            tx.expect(CERTIFICATES, key, row)
            tx.put(CERTIFICATES, renewed(row, new, now))

        await context.store.transact(renew)
        _log.info(
            "certificate renewed", arn=key, reason=decided.reason, until=new.facts.not_after.isoformat()
        )
        # The commit wakes this key again, and that pass says when the next look is due.
        return None
