"""Making and stopping a task."""

from __future__ import annotations

import pytest

from tidegate.control.decisions.placement import Assignment, demand_of
from tidegate.control.decisions.tasks import drained_task, finish_task, new_task, stop_task
from tidegate.domain.ecs.lifecycle import IllegalTransitionError
from tidegate.testing.builders import ARNS, CLUSTER_ARN, a_definition, a_task, after
from tidegate.testing.ids import SeededIds

USER = {"code": "UserInitiated", "reason": "Task stopped by user"}


@pytest.mark.parametrize(
    ("present", "has_targets", "following"),
    [
        ("PENDING", False, "STOPPING"),
        ("PENDING", True, "STOPPING"),
        ("RUNNING", False, "STOPPING"),
        ("RUNNING", True, "DEACTIVATING"),
        ("ACTIVATING", True, "DEACTIVATING"),
    ],
)
def test_a_task_with_targets_drains_before_it_stops(present: str, has_targets: bool, following: str) -> None:
    task = stop_task(a_task(last_status=present), has_targets=has_targets, now=after(5), **USER)
    assert (task.last_status, task.desired_status, task.stopping_at) == (following, "STOPPED", after(5))
    assert (task.stop_code, task.stopped_reason, task.version) == (*USER.values(), 2)


def test_a_task_that_is_stopping_keeps_its_first_reason() -> None:
    task = stop_task(a_task(), has_targets=True, now=after(0), **USER)
    assert (
        stop_task(task, has_targets=False, now=after(9), code="ServiceSchedulerInitiated", reason="x") is task
    )


def test_a_stopped_task_stays_as_it_is() -> None:
    task = a_task(last_status="STOPPED")
    assert stop_task(task, has_targets=False, now=after(9), **USER) is task
    assert finish_task(task, now=after(9), **USER) is task


def test_only_a_draining_task_is_drained() -> None:
    with pytest.raises(IllegalTransitionError):
        drained_task(a_task(last_status="STOPPED"))
    assert drained_task(a_task(last_status="DEACTIVATING")).last_status == "STOPPING"


def test_a_new_task_waits_for_its_agent_in_its_place() -> None:
    definition = a_definition()
    place = Assignment("arn:instance", "us-east-1b", ())
    task = new_task(
        definition,
        demand_of(definition),
        place,
        cluster_arn=CLUSTER_ARN,
        group="family:web",
        arns=ARNS,
        ids=SeededIds(),
        now=after(0),
    )
    assert (task.last_status, task.desired_status) == ("PENDING", "RUNNING")
    assert (task.container_instance_arn, task.availability_zone) == ("arn:instance", "us-east-1b")
    assert (task.cpu, task.memory_mib) == (128, 128)
    assert [container.name for container in task.containers] == ["app"]
    assert f"/{task.id}/" in task.containers[0].arn
