"""UpdateTaskProtection and GetTaskProtection, as clients see them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tidegate.control.store.tables import TASKS
from tidegate.testing.builders import CLUSTER, a_service, a_task
from tidegate.testing.ecs import EcsRegion

INVALID = "InvalidParameterException"
WEB = a_service(desired=2)


def task_id(number: int) -> str:
    return f"{number:032x}"


def update(region: EcsRegion, *numbers: int, enabled: bool = True, **more: Any) -> dict[str, Any]:
    tasks = [task_id(number) for number in numbers]
    return region.call(
        "update_task_protection", cluster=CLUSTER, tasks=tasks, protectionEnabled=enabled, **more
    )


def shown(region: EcsRegion, number: int = 1) -> dict[str, Any]:
    answer = region.call("get_task_protection", cluster=CLUSTER, tasks=[task_id(number)])
    assert answer["failures"] == []
    (found,) = answer["protectedTasks"]
    return dict(found)


def test_a_task_is_protected_for_two_hours_unless_told_otherwise(region: EcsRegion) -> None:
    task = a_task(of=WEB)
    region.put(WEB, task)
    assert shown(region) == {"taskArn": task.arn, "protectionEnabled": False}
    now = region.clock.now()
    expected = {"taskArn": task.arn, "protectionEnabled": True}
    answer = update(region, 1)
    assert answer == {
        "protectedTasks": [{**expected, "expirationDate": now + timedelta(hours=2)}],
        "failures": [],
    }
    assert shown(region) == answer["protectedTasks"][0]
    update(region, 1, expiresInMinutes=2880)
    assert shown(region) == {**expected, "expirationDate": now + timedelta(hours=48)}


def test_protection_ends_by_itself_and_when_told(region: EcsRegion) -> None:
    task = a_task(of=WEB)
    region.put(WEB, task)
    update(region, 1, expiresInMinutes=1)
    region.clock.advance(60)
    assert shown(region) == {"taskArn": task.arn, "protectionEnabled": False}
    update(region, 1)
    answer = update(region, 1, enabled=False)
    assert answer["protectedTasks"] == [shown(region)] == [{"taskArn": task.arn, "protectionEnabled": False}]


def test_what_cannot_be_protected_is_a_failure_and_the_others_are(region: EcsRegion) -> None:
    tasks = [a_task(1, of=WEB), a_task(2), a_task(3, of=WEB, last_status="STOPPING")]
    region.put(WEB, *tasks, *(a_task(number, of=WEB) for number in (4, 5)))
    answer = update(region, 1, 2, 3, 9, 4, 5)
    assert [one["taskArn"][-1] for one in answer["protectedTasks"]] == ["1", "4"]
    assert [(one["arn"][-1], one["reason"]) for one in answer["failures"]] == [
        ("2", "TASK_NOT_VALID"),
        ("3", "TASK_NOT_VALID"),
        ("9", "MISSING"),
        ("5", "DEPLOYMENT_BLOCKED"),
    ]
    assert region.row(TASKS, tasks[1].arn).protected_until is None


def test_showing_tells_of_a_services_tasks_only(region: EcsRegion) -> None:
    region.put(WEB, a_task(1), a_task(2, of=WEB, last_status="STOPPED"))
    answer = region.call("get_task_protection", cluster=CLUSTER, tasks=[task_id(n) for n in (1, 2, 3)])
    assert [one["taskArn"][-1] for one in answer["protectedTasks"]] == ["2"]
    assert [(one["arn"][-1], one["reason"]) for one in answer["failures"]] == [
        ("1", "TASK_NOT_VALID"),
        ("3", "MISSING"),
    ]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"expiresInMinutes": 0}, "expiresInMinutes must be between 1 and 2880."),
        ({"expiresInMinutes": 2881}, "expiresInMinutes must be between 1 and 2880."),
        ({"tasks": []}, "Tasks cannot be empty."),
        ({"tasks": [task_id(number) for number in range(11)]}, "Tasks cannot have more than 10 elements."),
        ({"tasks": ["web"]}, "taskId length should be one of [32,36]"),
    ],
)
def test_what_aws_does_not_take_is_refused(
    region: EcsRegion, parameters: dict[str, Any], message: str
) -> None:
    asked = {"cluster": CLUSTER, "tasks": [task_id(1)], "protectionEnabled": True, **parameters}
    assert region.refusal("update_task_protection", **asked) == (INVALID, message)


def test_tasks_to_show_are_named_and_their_cluster_exists(region: EcsRegion) -> None:
    refused = region.refusal("get_task_protection", cluster=CLUSTER)
    assert refused == (INVALID, "Tasks cannot be empty.")
    refused = region.refusal("get_task_protection", cluster="nope", tasks=[task_id(1)])
    assert refused == ("ClusterNotFoundException", "Cluster not found.")
