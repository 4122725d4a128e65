"""What is described for a while after its end, and then forgotten."""

from __future__ import annotations

from datetime import timedelta

from tidegate.control.decisions.retention import (
    expired_activities,
    expired_services,
    expired_tasks,
    surplus_events,
)
from tidegate.domain.ecs import ServiceEvent
from tidegate.domain.scaling import ScalingActivity
from tidegate.testing.builders import a_service, a_task, after


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
    def ended(number: int, weeks: float | None) -> ScalingActivity:
        return ScalingActivity(
            id=str(number),
            resource_id="service/shop/web",
            number=number,
            description="",
            cause="",
            started_at=after(0),
            ended_at=None if weeks is None else after(0) - timedelta(weeks=weeks),
        )

    assert expired_activities([ended(1, 6), ended(2, 6.1), ended(3, None)], after(0)) == ["2"]
