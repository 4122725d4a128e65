"""Lost hosts, terminated instances, deregistered ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tidegate.control.decisions.instances import InstancePlan, InstanceSnapshot, forgotten, plan
from tidegate.domain.ec2 import Instance
from tidegate.domain.ecs import ContainerInstance
from tidegate.testing.builders import a_container_instance, a_task, after, an_instance, ec2_id

CONNECTED = a_container_instance()
SILENT = replace(CONNECTED, agent_connected=False, disconnected_at=after(0))
TASKS = [a_task(1), a_task(2, last_status="PENDING"), a_task(3, last_status="DEACTIVATING")]


def test_a_host_is_lost_when_its_agent_was_silent_for_long_enough() -> None:
    assert planned(SILENT, at=59).next_look == after(60)
    lost = planned(SILENT, at=60)
    assert lost.is_gone
    assert lost.instance is not None
    assert lost.instance.state == "terminated"


def test_the_tasks_of_a_lost_host_are_stopped_with_awss_reason() -> None:
    for task in planned(SILENT, at=60).tasks:
        assert (task.last_status, task.desired_status, task.stopped_at) == ("STOPPED", "STOPPED", after(60))
        assert task.stop_code == "TerminationNotice"
        assert task.stopped_reason == f"Host EC2 (instance {ec2_id(1)}) terminated."


def test_the_tasks_that_an_agent_has_forgotten_are_stopped() -> None:
    ended = forgotten(TASKS, after(9))
    assert [task.arn for task in ended] == [task.arn for task in TASKS]
    assert {(task.last_status, task.stop_code) for task in ended} == {("STOPPED", "TerminationNotice")}


def test_while_control_was_away_nobody_was_silent() -> None:
    back = planned(SILENT, at=100, control_started_at=90)
    assert not back.is_gone
    assert back.next_look == after(150)


def test_an_agent_that_never_connected_is_waited_for_from_its_registration() -> None:
    fresh = replace(SILENT, disconnected_at=None, registered_at=after(50))
    assert planned(fresh, at=60).next_look == after(110)


@pytest.mark.parametrize("state", ["shutting-down", "terminated"])
def test_a_terminated_instance_is_gone_at_once_though_its_agent_still_talks(state: str) -> None:
    gone = planned(CONNECTED, instance=an_instance(state=state))
    assert gone.is_gone
    assert len(gone.tasks) == 3


def test_a_draining_instance_keeps_its_standalone_tasks() -> None:
    assert planned(replace(CONNECTED, status="DRAINING")) == InstancePlan()


@pytest.mark.parametrize("row", [None, replace(CONNECTED, status="INACTIVE")])
def test_what_a_deregistered_instance_leaves_behind_is_stopped(row: ContainerInstance | None) -> None:
    left = planned(row)
    assert not left.is_gone
    assert {task.stopped_reason for task in left.tasks} == {
        "Container instance deregistration forced by user"
    }


def planned(
    row: ContainerInstance | None,
    *,
    at: float = 0,
    instance: Instance | None = None,
    control_started_at: float = -3600,
) -> InstancePlan:
    snapshot = InstanceSnapshot(container_instance=row, instance=instance or an_instance(), tasks=TASKS)
    return plan(
        snapshot,
        host_lost_after=timedelta(seconds=60),
        control_started_at=after(control_started_at),
        now=after(at),
    )
