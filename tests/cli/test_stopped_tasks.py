"""What `tidegate status` and `tidegate logs` say of a service whose tasks do not stay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tidegate.cli.stopped_tasks import services_named, troubles_of_service
from tidegate.testing.builders import (
    CLUSTER_ARN,
    a_cluster,
    a_definition,
    a_service,
    a_task,
    after,
)
from tidegate.testing.ecs import EcsRegion

HERE = Path("/srv/shop")
SERVICE = a_service(desired=2)
NO_IMAGE = {"stop_code": "TaskFailedToStart", "stopped_reason": "CannotPullContainerError: web:1"}


@pytest.fixture
def region() -> EcsRegion:
    region = EcsRegion()
    region.put(a_cluster(), a_definition(), SERVICE)
    return region


def a_stopped_task(number: int, *, deployment: int = 1, **more: Any) -> Any:
    fields = {"created_at": after(number), "stopped_at": after(number + 1), **NO_IMAGE, **more}
    fields["started_by"] = f"ecs-svc/{deployment}"
    return a_task(number, of=SERVICE, deployment=deployment, last_status="STOPPED", **fields)


def told(region: EcsRegion, name: str = "web") -> list[str]:
    return [
        text
        for described in services_named(region.client, name)
        for text in troubles_of_service(region.client, described, HERE)
    ]


def test_each_reason_for_which_tasks_stopped_by_themselves_is_told_once_the_newest_first(
    region: EcsRegion,
) -> None:
    crashed = {
        "stop_code": "EssentialContainerExited",
        "stopped_reason": "Essential container in task exited",
    }
    scaled = {"stop_code": "ServiceSchedulerInitiated", "stopped_reason": "Scaling activity"}
    tasks = [a_stopped_task(1), a_stopped_task(2, **crashed), a_stopped_task(3), a_stopped_task(4, **scaled)]
    region.put(*tasks, a_stopped_task(5, deployment=2, stopped_reason="of an older deployment"))
    assert told(region) == [
        f"web: task {tasks[2].id} stopped: CannotPullContainerError: web:1",
        f"web: task {tasks[1].id} stopped: Essential container in task exited",
    ]


def test_a_service_with_all_its_tasks_tells_of_none_that_stopped(region: EcsRegion) -> None:
    region.put(a_stopped_task(1), a_task(2, of=SERVICE), a_task(3, of=SERVICE))
    assert told(region) == []


def test_services_are_found_by_name_in_every_cluster_or_by_their_arn(region: EcsRegion) -> None:
    elsewhere = a_cluster("elsewhere")
    region.put(
        elsewhere,
        a_service("web", cluster_arn=elsewhere.arn, arn=SERVICE.arn.replace("/shop/", "/elsewhere/")),
    )
    found = [one["clusterArn"] for one in services_named(region.client, "web")]
    assert sorted(found) == sorted([CLUSTER_ARN, elsewhere.arn])
    assert [one["clusterArn"] for one in services_named(region.client, SERVICE.arn)] == [CLUSTER_ARN]
    assert list(services_named(region.client, "nothing")) == []
