"""Composite alarms' rules against the alarms that there are."""

from __future__ import annotations

from tidegate.control.alarm_records import find_alarm
from tidegate.control.api.cloudwatch import faults
from tidegate.control.decisions.alarms import RuleError, alarms_in, parse_rule
from tidegate.control.store import Transaction
from tidegate.domain.cloudwatch import CompositeAlarm

_CHILDREN_MAX = 100
_ARN_MARK = ":alarm:"


def children_of(row: CompositeAlarm) -> list[str]:
    """The names of the alarms that a rule speaks of, by name or by ARN."""
    return list(dict.fromkeys(alarm_name(child) for child in alarms_in(parse_rule(row.rule))))


def alarm_name(called: str) -> str:
    return called.partition(_ARN_MARK)[2] if called.startswith("arn:") else called


def check_rule(tx: Transaction, row: CompositeAlarm) -> None:
    """Raise Fault for a rule without meaning, of alarms that are not there, or that comes back to its own."""
    try:
        children = children_of(row)
    except RuleError as error:
        raise faults.validation(f"AlarmRule has a syntax error: {error}.") from error
    if len(children) > _CHILDREN_MAX:
        raise faults.validation(f"AlarmRule must not refer to more than {_CHILDREN_MAX} alarms.")
    for child in children:
        if child != row.name and find_alarm(tx, child) is None:
            raise faults.validation(f"Could not save the composite alarm as alarm {child} does not exist.")
    if row.name in _below(tx, children):
        raise faults.validation("AlarmRule must not refer to its own alarm, over others neither.")


def _below(tx: Transaction, names: list[str]) -> set[str]:
    found: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            row = find_alarm(tx, name)
            left += children_of(row) if isinstance(row, CompositeAlarm) else []
    return found
