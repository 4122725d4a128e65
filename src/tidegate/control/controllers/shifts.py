"""Shifts: load one with its rule's weights and its groups' traffic, plan, commit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import structlog

from tidegate.control.controllers.context import ControlContext
from tidegate.control.decisions.shifts import ShiftPlan, plan
from tidegate.control.group_traffic import observed
from tidegate.control.metrics import MetricSource
from tidegate.control.rule_weights import weights_of, write_shift
from tidegate.control.store import Change, Snapshot, Transaction
from tidegate.control.store.tables import LISTENERS, RULES, SHIFTS
from tidegate.domain.shift import Shift

_log = structlog.get_logger(__name__)


class Shifts:
    """Keyed by shift."""

    name = "shifts"

    def __init__(self, context: ControlContext, metrics: MetricSource) -> None:
        self._context = context
        self._metrics = metrics

    def keys_to_wake(self, changes: Sequence[Change]) -> Iterable[str]:
        snapshot = self._context.store.snapshot
        for change in changes:
            row = change.new or change.old
            if change.table is SHIFTS:
                yield change.key
            elif change.table is RULES:
                yield from (shift.id for shift in snapshot.by(SHIFTS, "open", row.arn))
            elif change.table is LISTENERS:
                yield from (shift.id for shift in snapshot.by(SHIFTS, "open", row.default_rule.arn))

    def all_keys(self, snapshot: Snapshot) -> Iterable[str]:
        return [row.id for row in snapshot.all(SHIFTS) if row.is_open]

    async def reconcile(self, key: str) -> datetime | None:
        context, now = self._context, self._context.clock.now()
        shift = context.store.snapshot.get(SHIFTS, key)
        if shift is None or not shift.is_open:
            return None
        seen = await observed(self._metrics, shift, now)

        def step(tx: Transaction) -> ShiftPlan:
            # What was seen was of this step: whatever it became meanwhile is looked at anew.
            tx.expect(SHIFTS, key, shift)
            decided = plan(shift, weights_of(tx, shift.rule_arn), seen, now)
            write_shift(tx, decided)
            return decided

        decided = await context.store.transact(step)
        if decided.shift != shift:
            _tell(decided)
        return decided.next_look


def _tell(decided: ShiftPlan) -> None:
    shift: Shift = decided.shift
    _log.info(
        "shift",
        shift=shift.id,
        rule=shift.rule_arn,
        status=shift.status,
        percent=shift.present_step.percent,
        reason=decided.reason,
    )
