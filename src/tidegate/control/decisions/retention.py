"""What is described for a while after its end, and then forgotten."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from tidegate.domain.cloudwatch import AlarmHistoryItem
from tidegate.domain.ecs import Service, ServiceDeployment, ServiceEvent, ServiceRevision, Task
from tidegate.domain.ecs.lifecycle import ServiceDeploymentStatus as Status
from tidegate.domain.scaling import ScalingActivity
from tidegate.domain.shift import Shift

STOPPED_TASKS_FOR = timedelta(hours=1)
INACTIVE_SERVICES_FOR = timedelta(hours=1)
EVENTS_PER_SERVICE = 100
SERVICE_DEPLOYMENTS_FOR = timedelta(days=90)
# A service that is deployed every ten minutes has a day. One takes some 3 KB of memory with its
# revision: a thousand services that are all deployed so often hold 0.4 GB.
DEPLOYMENTS_PER_SERVICE = 150
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


def expired_deployments(deployments: Iterable[ServiceDeployment], now: datetime) -> list[str]:
    """ARNs of one service's deployments that ECS would show no longer, and of those beyond the newest. What
    has not ended stays, and so do the newest and the newest that succeeded: a roll-back returns to it."""
    ordered = sorted(deployments, key=lambda row: row.created_at, reverse=True)
    worked = next((place for place, row in enumerate(ordered) if row.status == Status.SUCCESSFUL), 0)
    return [
        row.arn
        for place, row in enumerate(ordered)
        if place not in (0, worked)
        and not row.is_open
        and (place >= DEPLOYMENTS_PER_SERVICE or now - row.created_at > SERVICE_DEPLOYMENTS_FOR)
    ]


def unused_revisions(
    revisions: Iterable[ServiceRevision], deployments: Iterable[ServiceDeployment], used: Iterable[str]
) -> list[str]:
    """ARNs of one service's revisions that none of its deployments names. `used`: what the service has."""
    named = set(used)
    for row in deployments:
        named |= {row.target.revision_arn, *(source.revision_arn for source in row.sources)}
        if row.rollback is not None and row.rollback.revision_arn is not None:
            named.add(row.rollback.revision_arn)
    return [revision.arn for revision in revisions if revision.arn not in named]


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
