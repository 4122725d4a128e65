"""What goes with a transition: the new row, what history says of it, and who is told."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from tidegate.control.decisions.alarms.texts import json_time
from tidegate.domain.cloudwatch import Alarm, AlarmState, CompositeAlarm, alarm_type

_URLS = ("http://", "https://")
REASON_MAX = 1023
_HISTORY_DATA_MAX = 4095


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryDraft:
    """An item of history without its id and its number; `data` is JSON."""

    type: str
    summary: str
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """`urls` are to be told `message` (JSON)."""

    alarm: Alarm
    history: tuple[HistoryDraft, ...]
    urls: tuple[str, ...] = ()
    message: str = ""


def transition(
    alarm: Alarm, *, value: str, reason: str, data: str | None, now: datetime, account: str, region: str
) -> Transition:
    """Put an alarm into a state. The state that it is in already is no transition: its reason is renewed."""
    old = alarm.state
    changed_at = now if value != old.value else old.changed_at
    state = AlarmState(
        value=value, reason=reason[:REASON_MAX], data=data, updated_at=now, changed_at=changed_at
    )
    after = replace(alarm, state=state)
    if value == old.value:
        return Transition(alarm=after, history=())
    actions = alarm.actions.of(value) if alarm.actions.is_enabled else ()
    urls = tuple(dict.fromkeys(action for action in actions if is_url(action)))
    # The transition is what scaling acts upon: with this commit it is told.
    told: list[HistoryDraft] = [executed(now, one) for one in dict.fromkeys(actions) if not is_url(one)]
    summary = f"Alarm updated from {old.value} to {value}"
    update = HistoryDraft(type="StateUpdate", summary=summary, data=_state_update(old, state))
    return Transition(
        alarm=after,
        history=(update, *told),
        urls=urls,
        message=json.dumps(_message(after, old, account, region)) if urls else "",
    )


def is_url(action: str) -> bool:
    return action.startswith(_URLS)


def executed(changed_at: datetime, action: str, error: str | None = None) -> HistoryDraft:
    """An action of the transition at that time was executed, or failed."""
    document = {
        "actionState": "Failed" if error else "Succeeded",
        "stateUpdateTimestamp": int(changed_at.timestamp() * 1000),
        "notificationResource": action,
    }
    if error:
        document["error"] = error
    done = "Failed to execute" if error else "Successfully executed"
    return HistoryDraft(type="Action", summary=f"{done} action {action}"[:255], data=json.dumps(document))


def configured(alarm: Alarm | None, known: Alarm | None, now: datetime) -> HistoryDraft:
    """An alarm was created, updated or deleted (`alarm` None)."""
    row = alarm or known
    assert row is not None
    word = "deleted" if alarm is None else "created" if known is None else "updated"
    document: dict[str, Any] = {"version": "1.0", "type": word.removesuffix("d").capitalize()}
    if alarm is not None:
        document[f"{word}Alarm"] = {
            "alarmName": alarm.name,
            "stateValue": alarm.state.value,
            "actionsEnabled": alarm.actions.is_enabled,
            "alarmConfigurationUpdatedTimestamp": json_time(now),
            **_configuration(alarm),
        }
    text = json.dumps(document)
    if len(text) > _HISTORY_DATA_MAX:
        text = json.dumps({key: document[key] for key in ("version", "type")})
    return HistoryDraft(type="ConfigurationUpdate", summary=f'Alarm "{row.name}" {word}'[:255], data=text)


def _state_update(old: AlarmState, new: AlarmState) -> str:
    text = json.dumps({"version": "1.0", "oldState": _state(old), "newState": _state(new)})
    if len(text) > _HISTORY_DATA_MAX:
        bare = (replace(state, data=None) for state in (old, new))
        text = json.dumps(
            dict(zip(("version", "oldState", "newState"), ("1.0", *map(_state, bare)), strict=True))
        )
    return text


def _state(state: AlarmState) -> dict[str, Any]:
    document: dict[str, Any] = {"stateValue": state.value, "stateReason": state.reason}
    if state.data is not None:
        document["stateReasonData"] = _loaded(state.data)
    return document


def _loaded(data: str) -> Any:
    # SetAlarmState may say anything.
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return data


def _configuration(alarm: Alarm) -> dict[str, Any]:
    if isinstance(alarm, CompositeAlarm):
        return {"alarmRule": alarm.rule}
    document: dict[str, Any] = {
        "threshold": alarm.threshold,
        "comparisonOperator": alarm.comparison,
        "evaluationPeriods": alarm.evaluation_periods,
    }
    if alarm.stat is not None:
        document |= {
            "namespace": alarm.stat.metric.namespace,
            "metricName": alarm.stat.metric.name,
            "dimensions": [{"name": name, "value": value} for name, value in alarm.stat.metric.dimensions],
            "period": alarm.stat.period,
            "statistic": alarm.stat.statistic,
        }
    return document


def _message(alarm: Alarm, old: AlarmState, account: str, region: str) -> dict[str, Any]:
    """What CloudWatch sends to a topic."""
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AlarmType": alarm_type(alarm),
        "AWSAccountId": account,
        "AlarmConfigurationUpdatedTimestamp": json_time(alarm.configured_at),
        "NewStateValue": alarm.state.value,
        "NewStateReason": alarm.state.reason,
        "StateChangeTime": json_time(alarm.state.changed_at.astimezone(UTC)),
        "Region": region,
        "AlarmArn": alarm.arn,
        "OldStateValue": old.value,
        "OKActions": list(alarm.actions.on_ok),
        "AlarmActions": list(alarm.actions.on_alarm),
        "InsufficientDataActions": list(alarm.actions.on_insufficient),
        "Trigger": _configuration(alarm),
    }
