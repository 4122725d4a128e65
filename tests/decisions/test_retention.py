"""What is described for a while after its end, and then forgotten."""

from __future__ import annotations

from datetime import timedelta

from tidegate.control.decisions.retention import (
    HISTORY_ITEMS_PER_ALARM,
    expired_activities,
    expired_alarm_history,
    expired_services,
    expired_tasks,
    surplus_events,
)
from tidegate.domain.cloudwatch import AlarmHistoryItem
from tidegate.domain.ecs import ServiceEvent
from tidegate.testing.builders import a_service, a_task, after
from tidegate.testing.scaling import an_activity


def test_stopped_tasks_are_described_for_an_hour() -> None:
    stopped = a_task(last_status="STOPPED", stopped_at=after(0))
    assert expired_tasks([stopped, a_task(2)], after(3600)) == []
    assert expired_tasks([stopped, a_task(2)], after(3600) + timedelta(seconds=1)) == [stopped.arn]


def test_deleted_services_are_described_for_an_hour() -> None:
    deleted = a_service(status="INACTIVE", deleted_at=after(0))
    assert expired_services([deleted, a_service("other")], after(3601)) == [deleted.arn]


def test_a_service_keeps_its_newest_hundred_events() -> None:
    events = [
        ServiceEvent(id=str(n), service_arn="a", created_at=after(0), sequence=n, message="")
        for n in range(103)
    ]
    assert sorted(surplus_events(events), key=int) == ["0", "1", "2"]


def test_scaling_activities_are_described_for_six_weeks() -> None:
    kept = an_activity(1, ended_at=after(0) - timedelta(weeks=6))
    old = an_activity(2, ended_at=after(0) - timedelta(weeks=6, seconds=1))
    assert expired_activities([kept, old, an_activity(3)], after(0)) == ["2"]


def test_what_became_of_alarms_is_told_for_a_month_and_of_each_so_much() -> None:
    def item(alarm: str, number: int, days: float = 0) -> AlarmHistoryItem:
        return AlarmHistoryItem(
            id=f"{alarm}-{number}",
            number=number,
            alarm_name=alarm,
            alarm_type="MetricAlarm",
            at=after(0) - timedelta(days=days),
            type="StateUpdate",
            summary="",
            data="{}",
        )

    old, kept = item("a", 1, days=30.1), item("a", 2, days=29.9)
    many = [item("b", number) for number in range(HISTORY_ITEMS_PER_ALARM + 2)]
    assert expired_alarm_history([old, kept], after(0)) == ["a-1"]
    assert sorted(expired_alarm_history(many, after(0))) == ["b-0", "b-1"]
