"""What a service deployment's record says at each turn of its service."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tidegate.control.decisions.services import history
from tidegate.domain.ecs import CircuitBreaker, RevisionCounts, Service, ServiceDeployment
from tidegate.domain.ecs.service_deployment import arn_within, revision_arn
from tidegate.testing.builders import a_deployment, a_service, after
from tidegate.testing.clock import EPOCH
from tidegate.testing.scheduling import ServicePlay

NEVER_RAN = {"code": "TaskFailedToStart", "reason": "CannotPullContainerError: no such image"}
BREAKER = CircuitBreaker(enable=True, rollback=False)
ROLLBACK = CircuitBreaker(enable=True, rollback=True)


class Recorded:
    """A service played with its history, as the controller keeps it."""

    def __init__(self, play: ServicePlay) -> None:
        self.play = play
        self.records: list[ServiceDeployment] = []
        self.follow()

    @property
    def last(self) -> ServiceDeployment:
        return self.records[-1]

    @property
    def statuses(self) -> list[str]:
        return [record.status for record in self.records]

    def follow(self) -> None:
        service = self.play.service
        known = {record.deployment_id for record in self.records}
        primary = service.primary
        if primary is not None and not known & {primary.id, primary.rollback_from}:
            arn = arn_within(service.arn, "service-deployment", str(len(self.records)))
            opened = [record for record in self.records if record.is_open]
            changed = {record.arn: record for record in history.begun(service, opened, arn, self.play.now)}
            self.records = [*(changed.pop(r.arn, r) for r in self.records), *changed.values()]
        self.records = [history.followed(r, service, self.counts, self.play.now) for r in self.records]

    def counts(self) -> dict[str, RevisionCounts]:
        return history.revision_counts(self.play.service, self.play.live)

    def deploy(self, number: int) -> None:
        self.play.deploy(number)

    def pass_(self) -> None:
        self.play.stop_asked = history.asked_stop(self.last if self.records else None)
        self.play.pass_()
        self.follow()

    def fail(self) -> None:
        """The PRIMARY deployment's tasks never run."""
        primary = self.play.service.primary
        for task in self.play.live:
            if primary is not None and task.deployment_id == primary.id:
                self.play.end(task.arn, **NEVER_RAN)

    def trip(self) -> None:
        for _ in range(3):
            self.pass_()
            self.fail()
            self.play.now += timedelta(minutes=20)
        self.pass_()

    def stop(self, stop_type: history.StopType) -> None:
        asked = history.asked_to_stop(self.last, stop_type, self.play.now)
        assert asked is not None
        self.records[-1] = asked

    def until_rest(self) -> None:
        for _ in range(60):
            self.pass_()
            self.play.work()
            self.play.now += timedelta(seconds=50)
            if not self.last.is_open and self.play.counts[1:] == (0, 0):
                return
        raise AssertionError(f"no rest: {self.last}")


def steady(desired: int = 2, **more: object) -> Recorded:
    return Recorded(ServicePlay.running(desired, **more))


def revision(number: int) -> str:
    return revision_arn(a_service(), a_deployment(number))


def test_a_deployment_begins_and_ends_with_its_service() -> None:
    recorded = steady()
    recorded.deploy(2)
    begun = recorded.play.now
    recorded.follow()
    assert (recorded.last.status, recorded.last.started_at) == ("IN_PROGRESS", begun)
    assert recorded.last.target.revision_arn == revision(2)
    assert [source.revision_arn for source in recorded.last.sources] == [revision(1)]
    recorded.until_rest()
    last = recorded.last
    assert (last.status, last.status_reason, last.rollback) == ("SUCCESSFUL", None, None)
    assert (last.target.requested, last.target.running, last.target.pending) == (2, 2, 0)
    assert last.finished_at is not None
    assert last.finished_at > begun


def test_following_twice_changes_nothing() -> None:
    recorded = steady()
    recorded.deploy(2)
    recorded.pass_()
    known = list(recorded.records)
    recorded.play.now += timedelta(seconds=5)
    recorded.follow()
    assert recorded.records == known


def test_the_tripped_breaker_rolls_back() -> None:
    recorded = steady(breaker=ROLLBACK)
    recorded.deploy(2)
    recorded.trip()
    last = recorded.last
    assert (last.status, last.status_reason) == ("ROLLBACK_IN_PROGRESS", history.BREAKER_ROLLED_BACK)
    assert (last.breaker_status, last.failures, last.threshold) == ("TRIGGERED", 4, 3)
    assert last.rollback is not None
    assert last.rollback.revision_arn == revision(1)
    recorded.until_rest()
    assert recorded.statuses[-1:] == ["ROLLBACK_SUCCESSFUL"]
    assert len(recorded.records) == 2
    assert recorded.last.breaker_status == "TRIGGERED"


def test_the_tripped_breaker_stops_where_it_may_not_roll_back() -> None:
    recorded = steady(breaker=BREAKER)
    recorded.deploy(2)
    recorded.trip()
    last = recorded.last
    assert (last.status, last.status_reason) == ("STOPPED", history.BREAKER_STOPPED)
    assert last.stopped_at is not None
    assert last.stopped_at == last.finished_at
    assert last.failures == 4


def test_without_a_completed_deployment_the_roll_back_fails() -> None:
    recorded = Recorded(ServicePlay(a_service(desired=1, breaker=ROLLBACK)))
    recorded.trip()
    assert (recorded.last.status, recorded.last.status_reason) == ("ROLLBACK_FAILED", history.NO_CANDIDATE)


def test_a_roll_back_whose_tasks_fail_too_fails() -> None:
    recorded = steady(1, breaker=ROLLBACK)
    recorded.deploy(2)
    recorded.trip()
    for task in recorded.play.live:
        recorded.play.end(task.arn, **NEVER_RAN)
    recorded.trip()
    assert recorded.last.status == "ROLLBACK_FAILED"
    assert recorded.last.status_reason == history.ROLLBACK_TRIPPED


@pytest.mark.parametrize("breaker", [CircuitBreaker(), BREAKER, ROLLBACK])
def test_a_user_rolls_back_whatever_the_breaker_is(breaker: CircuitBreaker) -> None:
    recorded = steady(3, breaker=breaker)
    recorded.deploy(2)
    recorded.pass_()
    recorded.play.work()
    recorded.stop("ROLLBACK")
    assert recorded.last.status == "ROLLBACK_REQUESTED"
    recorded.pass_()
    last = recorded.last
    assert (last.status, last.status_reason) == ("ROLLBACK_IN_PROGRESS", history.USER_ROLLED_BACK)
    assert last.breaker_status == ("MONITORING" if breaker.enable else "DISABLED")
    recorded.until_rest()
    assert recorded.last.status == "ROLLBACK_SUCCESSFUL"
    assert recorded.play.service.task_definition_arn.endswith("web:1")
    assert recorded.play.told.count("(deployment ecs-svc/2) deployment failed: a user stopped it.") == 1
    assert "rolling back to deployment ecs-svc/1." in recorded.play.told


@pytest.mark.parametrize("passes", range(3))
def test_a_roll_back_takes_no_healthy_task_below_the_minimum_whenever_it_is_asked_for(passes: int) -> None:
    recorded = steady(4, minimum=50, maximum=150)
    recorded.deploy(2)
    recorded.follow()
    for _ in range(passes):
        recorded.pass_()
        recorded.play.work()
        recorded.play.now += timedelta(seconds=1)
    assert recorded.last.is_open
    recorded.stop("ROLLBACK")
    for _ in range(30):
        recorded.pass_()
        assert recorded.play.healthy >= 2
        recorded.play.work()
        recorded.play.now += timedelta(seconds=1)
    assert recorded.last.status == "ROLLBACK_SUCCESSFUL"
    assert recorded.play.counts == (4, 0, 0)


def test_a_user_aborts() -> None:
    recorded = steady(2)
    recorded.deploy(2)
    recorded.pass_()
    recorded.stop("ABORT")
    assert recorded.last.status == "STOP_REQUESTED"
    recorded.fail()
    recorded.pass_()
    assert (recorded.last.status, recorded.last.status_reason) == ("STOPPED", history.USER_STOPPED)
    primary = recorded.play.service.primary
    assert primary is not None
    assert primary.rollout_state == "FAILED"
    assert not recorded.play.pass_().starts
    assert recorded.play.healthy == 2


def test_what_has_ended_cannot_be_stopped_and_what_stops_goes_on() -> None:
    recorded = steady(1)
    assert history.asked_to_stop(recorded.last, "ROLLBACK", EPOCH) is None
    recorded.deploy(2)
    recorded.follow()
    recorded.stop("ROLLBACK")
    asked = recorded.last
    assert history.asked_to_stop(asked, "ABORT", recorded.play.now) == asked


def test_a_newer_deployment_stops_the_one_in_progress() -> None:
    recorded = steady()
    recorded.deploy(2)
    recorded.pass_()
    recorded.deploy(3)
    recorded.pass_()
    assert recorded.statuses[-2:] == ["STOPPED", "IN_PROGRESS"]
    assert recorded.records[-2].status_reason == history.SUPERSEDED
    assert [source.revision_arn for source in recorded.last.sources] == [revision(2), revision(1)]


def test_a_newer_deployment_ends_a_roll_back() -> None:
    recorded = steady()
    recorded.deploy(2)
    recorded.pass_()
    recorded.stop("ROLLBACK")
    recorded.pass_()
    recorded.deploy(3)
    recorded.pass_()
    assert recorded.statuses[-2:] == ["ROLLBACK_FAILED", "IN_PROGRESS"]


def test_a_deleted_service_ends_its_deployment() -> None:
    recorded = steady()
    recorded.deploy(2)
    recorded.follow()
    recorded.play.service = replace(recorded.play.service, status="DRAINING", desired_count=0)
    recorded.pass_()
    assert (recorded.last.status, recorded.last.status_reason) == ("STOPPED", history.DELETED)


def test_a_completed_deployment_of_an_older_database_is_recorded_as_it_went() -> None:
    done = replace(a_deployment(), rollout_state="COMPLETED", created_at=after(0), completed_at=after(30))
    record = only(a_service(deployments=(done,)), after(9000))
    assert (record.status, record.created_at, record.finished_at) == ("SUCCESSFUL", after(0), after(30))
    assert record.started_at == after(30)


@pytest.mark.parametrize(
    ("stop_type", "reason"), [("ROLLBACK", history.USER_ROLLED_BACK), ("ABORT", history.USER_STOPPED)]
)
def test_what_is_stopped_when_it_has_completed_already_is_stopped(
    stop_type: history.StopType, reason: str
) -> None:
    done = replace(a_deployment(), rollout_state="COMPLETED", completed_at=after(30))
    service = a_service(deployments=(done,))
    (record,) = history.begun(service, (), "arn", after(40))
    asked = history.asked_to_stop(record, stop_type, after(50))
    assert asked is not None
    ended = history.followed(asked, service, dict, after(60))
    assert (ended.status, ended.status_reason, ended.stopped_at) == ("STOPPED", reason, after(60))


def test_a_roll_back_of_an_older_database_that_fails_is_told_as_one() -> None:
    back = replace(a_deployment(3), rollback_from="ecs-svc/2", returns_to="1", rollout_state="FAILED")
    record = only(a_service(breaker=ROLLBACK, deployments=(back,)), after(9))
    assert (record.status, record.status_reason) == ("ROLLBACK_FAILED", history.ROLLBACK_TRIPPED)


def test_tasks_of_a_roll_back_are_of_the_revision_it_returns_to() -> None:
    back = replace(a_deployment(3), rollback_from="ecs-svc/2", returns_to="1")
    old = replace(a_deployment(1), status="ACTIVE")
    counts = history.revision_counts(a_service(desired=5, deployments=(back, old)), [])
    assert list(counts) == [revision(1)]
    assert counts[revision(1)].requested == 5


def only(service: Service, now: object) -> ServiceDeployment:
    (record,) = history.begun(service, (), "arn", now)
    return history.followed(record, service, dict, now)
