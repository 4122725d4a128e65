"""What is described for a while after its end, and then forgotten."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from tidegate.domain.cloudwatch import AlarmHistoryItem
from tidegate.domain.ecs import Service, ServiceEvent, Task
from tidegate.domain.scaling import ScalingActivity
from tidegate.domain.shift import Shift

STOPPED_TASKS_FOR = timedelta(hours=1)
INACTIVE_SERVICES_FOR = timedelta(hours=1)
EVENTS_PER_SERVICE = 100
ACTIVITIES_FOR = timedelta(weeks=6)
SHIFTS_FOR = timedelta(weeks=6)
ALARM_HISTORY_FOR = timedelta(days=30)
# An alarm that flaps every minute has a day.
HISTORY_ITEMS_PER_ALARM = 1500


def expired_tasks(tasks: Iterable[Task], now: datetime) -> list[str]:
    """ARNs of stopped tasks that ECS would describe no longer."""
    return [
        task.arn
        for task in tasks
        if task.stopped_at is not None and now - task.stopped_at > STOPPED_TASKS_FOR
    ]


def expired_services(services: Iterable[Service], now: datetime) -> list[str]:
    """ARNs of deleted services that ECS would describe no longer."""
    return [
        service.arn
        for service in services
        if service.deleted_at is not None and now - service.deleted_at > INACTIVE_SERVICES_FOR
    ]


def expired_alarm_history(items: Iterable[AlarmHistoryItem], now: datetime) -> list[str]:
    """Ids of one alarm's items that CloudWatch would tell no longer, and of those beyond the newest."""
    ordered = sorted(items, key=lambda item: (item.at, item.number), reverse=True)
    return [
        item.id
        for place, item in enumerate(ordered)
        if place >= HISTORY_ITEMS_PER_ALARM or now - item.at > ALARM_HISTORY_FOR
    ]


def surplus_events(events: Iterable[ServiceEvent]) -> list[str]:
    """Ids of one service's events beyond the newest hundred."""
    ordered = sorted(events, key=lambda event: event.sequence, reverse=True)
    return [event.id for event in ordered[EVENTS_PER_SERVICE:]]


def expired_activities(activities: Iterable[ScalingActivity], now: datetime) -> list[str]:
    """Ids of scaling activities that are described no longer."""
    return [
        activity.id
        for activity in activities
        if activity.ended_at is not None and now - activity.ended_at > ACTIVITIES_FOR
    ]


def expired_shifts(shifts: Iterable[Shift], now: datetime) -> list[str]:
    """Ids of shifts that are described no longer."""
    return [shift.id for shift in shifts if shift.ended_at is not None and now - shift.ended_at > SHIFTS_FOR]
