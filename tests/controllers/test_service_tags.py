"""Tags of a service's tasks."""

from __future__ import annotations

from typing import Any

import pytest

from tidegate.control.decisions.desired_count import with_desired_count
from tidegate.control.store.tables import SERVICES, TASK_DEFINITIONS
from tidegate.testing.builders import CLUSTER, a_definition, a_service
from tidegate.testing.control import ControlHarness

MANAGED = {"aws:ecs:clusterName": CLUSTER, "aws:ecs:serviceName": "web"}


@pytest.mark.parametrize(
    ("asked", "tags"),
    [
        ({}, {}),
        ({"propagate_tags": "SERVICE"}, {"of": "service"}),
        ({"propagate_tags": "TASK_DEFINITION"}, {"of": "definition"}),
        ({"enable_ecs_managed_tags": True}, MANAGED),
        ({"enable_ecs_managed_tags": True, "propagate_tags": "SERVICE"}, {"of": "service", **MANAGED}),
    ],
)
async def test_tasks_get_the_tags_that_their_service_asks_for(
    asked: dict[str, Any], tags: dict[str, str]
) -> None:
    region = ControlHarness()
    service = a_service(desired=0, tags={"of": "service"}, **asked)
    await region.found(service)
    await region.put(TASK_DEFINITIONS, a_definition(1, tags={"of": "definition"}))
    await region.put(SERVICES, with_desired_count(region.service(service), 1))
    (task,) = region.tasks()
    assert task.tags == tags
