"""Which alarms a target tracking policy owns, by name."""

from __future__ import annotations

from dataclasses import replace

from tidegate.control.api.context import ApiContext
from tidegate.control.scaling_alarms import delete_alarms, keep_alarms
from tidegate.control.store import Transaction
from tidegate.domain.scaling import AlarmReference, ScalingPolicy, TrackingConfiguration


def with_alarms(
    context: ApiContext, tx: Transaction, row: ScalingPolicy, known: ScalingPolicy | None
) -> ScalingPolicy:
    """The policy with its alarms, which are written. Those it has stay while its target and its metric do."""
    kept: dict[str, AlarmReference] = {}
    if known is not None and known.tracking is not None and _is_same(known.tracking, row.tracking):
        kept = {_side(alarm): alarm for alarm in known.alarms}
    alarms = tuple(kept.get(side) or _named(context, row, side) for side in _sides(row.tracking))
    row = replace(row, alarms=alarms)
    delete_alarms(tx, [alarm for alarm in known.alarms if alarm not in alarms] if known else ())
    keep_alarms(tx, row, context.clock.now())
    return row


def _is_same(known: TrackingConfiguration, tracking: TrackingConfiguration | None) -> bool:
    return (
        tracking is not None
        and known.metric == tracking.metric
        and known.target_value == tracking.target_value
    )


def _sides(tracking: TrackingConfiguration | None) -> tuple[str, ...]:
    if tracking is None:
        return ()
    return ("AlarmHigh",) if tracking.disable_scale_in else ("AlarmHigh", "AlarmLow")


def _side(alarm: AlarmReference) -> str:
    return "AlarmHigh" if "-AlarmHigh-" in alarm.name else "AlarmLow"


def _named(context: ApiContext, row: ScalingPolicy, side: str) -> AlarmReference:
    name = f"TargetTracking-{row.resource_id}-{side}-{context.ids.uuid()}"
    return AlarmReference(name=name, arn=context.arns.alarm(name))
