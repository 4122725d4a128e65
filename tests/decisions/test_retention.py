"""What is described for a while after its end, and then forgotten."""

from __future__ import annotations

from datetime import timedelta

from tidegate.control.decisions.retention import (
    DEPLOYMENTS_PER_SERVICE,
    HISTORY_ITEMS_PER_ALARM,
    expired_activities,
    expired_alarm_history,
    expired_deployments,
    expired_services,
    expired_tasks,
    surplus_events,
    unused_revisions,
)
from tidegate.domain.cloudwatch import AlarmHistoryItem
from tidegate.domain.ecs import (
    DeploymentConfiguration,
    RevisionCounts,
    ServiceDeployment,
    ServiceEvent,
    ServiceRevision,
)
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


def a_service_deployment(number: int, *, days: float = 0, status: str = "SUCCESSFUL") -> ServiceDeployment:
    created_at = after(number) - timedelta(days=days)
    return ServiceDeployment(
        arn=str(number),
        service_arn="service",
        cluster_arn="cluster",
        deployment_id=f"ecs-svc/{number}",
        target=RevisionCounts(revision_arn=f"revision-{number}"),
        sources=(RevisionCounts(revision_arn=f"revision-{number - 1}"),),
        configuration=DeploymentConfiguration(),
        status=status,
        created_at=created_at,
        updated_at=created_at,
    )


def test_service_deployments_are_kept_for_90_days_and_the_newest_for_ever() -> None:
    old, kept = a_service_deployment(1, days=91), a_service_deployment(2, days=89)
    assert expired_deployments([old, kept], after(10)) == ["1"]
    assert expired_deployments([old], after(10)) == []
    waiting = a_service_deployment(1, days=91, status="IN_PROGRESS")
    assert expired_deployments([waiting, kept], after(10)) == []


def test_the_newest_that_succeeded_is_kept_for_what_is_rolled_back() -> None:
    older, worked = a_service_deployment(1, days=99), a_service_deployment(2, days=98)
    failed = a_service_deployment(3, days=97, status="ROLLBACK_SUCCESSFUL")
    present = a_service_deployment(4, status="IN_PROGRESS")
    assert expired_deployments([older, worked, failed, present], after(10)) == ["3", "1"]
    many = [a_service_deployment(n, status="STOPPED") for n in range(3, DEPLOYMENTS_PER_SERVICE + 3)]
    assert expired_deployments([worked, *many], after(1000)) == []


def test_of_one_service_so_many_deployments_are_kept() -> None:
    many = [a_service_deployment(number) for number in range(DEPLOYMENTS_PER_SERVICE + 2)]
    assert sorted(expired_deployments(many, after(1000))) == ["0", "1"]


def test_revisions_go_with_the_last_deployment_that_names_them() -> None:
    revisions = [
        ServiceRevision(
            arn=f"revision-{number}",
            service_arn="service",
            cluster_arn="cluster",
            task_definition_arn="web:1",
            created_at=after(0),
        )
        for number in range(5)
    ]
    assert unused_revisions(revisions, [a_service_deployment(4)], ["revision-1"]) == [
        "revision-0",
        "revision-2",
    ]
