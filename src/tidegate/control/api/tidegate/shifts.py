"""Shifts: start, describe, stop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import honours
from tidegate.control.api.paging import InvalidTokenError, paginate
from tidegate.control.api.tidegate import faults, finding, shift_input, views
from tidegate.control.decisions.shifts import Reading, begin, percent_of, readings, stopped
from tidegate.control.group_traffic import observed
from tidegate.control.rule_weights import weights_of, write_shift
from tidegate.control.store import Transaction
from tidegate.control.store.tables import SHIFTS
from tidegate.domain.shift import Shift
from tidegate.wire import Call, Operation

_PAGE = 50
_ID_LENGTH = 16


@honours(
    "RuleArn",
    "TargetGroupArn",
    "BaselineTargetGroupArn",
    "Linear",
    "Canary",
    "UntilPercent",
    "Guards",
    "WindowInSeconds",
    "MinimumRequests",
    "PatienceInSeconds",
)
async def start_shift(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Begin with the first step; the rest is the controller's."""
    parameters = call.parameters
    guards = shift_input.guards(parameters)

    def start(tx: Transaction) -> Shift:
        rule, now = finding.split_rule(tx, parameters["RuleArn"]), context.clock.now()
        group = rule.named(parameters["TargetGroupArn"])
        present = next(tx.by(SHIFTS, "open", rule.rule_arn), None)
        if present is not None:
            raise faults.conflict(f"The rule has the shift {present.id} in progress.")
        steps = shift_input.steps(parameters, percent_of(rule.groups, group))
        row = Shift(
            id=f"shift-{context.ids.hex(_ID_LENGTH)}",
            rule_arn=rule.rule_arn,
            listener_arn=rule.listener_arn,
            load_balancer_arn=rule.load_balancer_arn,
            target_group_arn=group,
            baseline_arn=rule.baseline(parameters.get("BaselineTargetGroupArn"), besides=group),
            original=rule.groups,
            weights=rule.groups,
            steps=steps,
            step=0,
            step_began_at=now,
            guards=guards,
            window_seconds=parameters.get("WindowInSeconds", shift_input.WINDOW_SECONDS),
            requests_min=parameters.get("MinimumRequests", shift_input.REQUESTS_MIN),
            patience_seconds=parameters.get("PatienceInSeconds", shift_input.PATIENCE_SECONDS),
            created_at=now,
        )
        decided = begin(row, now)
        write_shift(tx, decided)
        return decided.shift

    return {"Shift": views.shift(await context.store.transact(start))}


@honours("ShiftIds", "RuleArn", "MaxResults", "NextToken")
async def describe_shifts(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Newest first. Of those in progress with what their guards read now."""
    parameters, snapshot = call.parameters, context.store.snapshot
    ids, rule = parameters.get("ShiftIds"), parameters.get("RuleArn")
    rows: Iterable[Shift] = snapshot.all(SHIFTS)
    if ids:
        rows = [finding.shift(snapshot, one) for one in dict.fromkeys(ids)]
    if rule is not None:
        # A rule that is gone has had shifts, too.
        named = finding.rule_arn(snapshot, rule)
        rows = [row for row in rows if row.rule_arn == named]
    scope = repr((ids, rule))
    size = parameters.get("MaxResults", _PAGE)
    try:
        page = paginate(
            rows, key=_order, token=parameters.get("NextToken"), size=size, descending=True, scope=scope
        )
    except InvalidTokenError as error:
        raise faults.invalid("The NextToken value is not valid.") from error
    shown = [views.shift(row, await _readings(context, row)) for row in page.rows]
    return {"Shifts": shown, "NextToken": page.next_token}


@honours("ShiftId", "RollBack")
async def stop_shift(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """End a shift where it is, or at the weights that it found."""
    parameters = call.parameters

    def stop(tx: Transaction) -> Shift:
        row = finding.shift(tx, parameters["ShiftId"])
        if not row.is_open:
            raise faults.conflict(f"The shift {row.id} is over: {row.status}.")
        decided = stopped(
            row,
            weights_of(tx, row.rule_arn),
            context.clock.now(),
            rolls_back=parameters.get("RollBack", False),
        )
        write_shift(tx, decided)
        return decided.shift

    return {"Shift": views.shift(await context.store.transact(stop))}


async def _readings(context: ApiContext, row: Shift) -> tuple[Reading, ...]:
    if not row.is_open or not row.guards:
        return ()
    return readings(row, await observed(context.series, row, context.clock.now()))


def _order(row: Shift) -> str:
    return f"{row.created_at.isoformat(timespec='microseconds')} {row.id}"


OPERATIONS: Mapping[str, Operation] = {
    "StartShift": Operation(start_shift),
    "DescribeShifts": Operation(describe_shifts),
    "StopShift": Operation(stop_shift),
}
