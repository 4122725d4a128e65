"""What an agent still has to be told follows from the state alone."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tidegate.control.account_settings import root_arn, user_arn
from tidegate.control.nodes import outbox
from tidegate.control.store import Store
from tidegate.domain.ecs import AccountSetting, LogConfiguration, Task
from tidegate.testing.builders import CLUSTER_ARN, a_container_instance, a_definition, a_task
from tidegate.testing.clock import EPOCH

INSTANCE = a_container_instance(1)
OTHER = a_container_instance(2)

STOPPING = {"last_status": "STOPPING", "desired_status": "STOPPED"}
# name -> (the task, the orders about it, whether the manifest lists it)
CASES: dict[str, tuple[Task, list[str], bool]] = {
    "new": (a_task(last_status="PENDING"), ["start"], True),
    "acknowledged": (a_task(last_status="PENDING", acknowledged_at=EPOCH), [], True),
    "running": (a_task(), [], True),
    "draining": (a_task(last_status="DEACTIVATING"), [], True),
    "stopping": (a_task(**STOPPING), ["stop"], False),
    "stopping, its stop acknowledged": (a_task(**STOPPING, acknowledged_at=EPOCH), ["stop"], False),
    "stopped": (a_task(last_status="STOPPED"), [], False),
    "on another instance": (a_task(on=OTHER, last_status="PENDING"), [], False),
}


@pytest.mark.parametrize("name", CASES)
async def test_orders_and_manifest_follow_from_the_status(name: str, store: Store, put: Any) -> None:
    task, kinds, is_listed = CASES[name]
    await put(INSTANCE, OTHER, a_definition(), task)
    assert [order.kind for order in outbox.orders(store.snapshot, INSTANCE.arn)] == kinds
    listed = [entry["taskArn"] for entry in outbox.manifest(store.snapshot, INSTANCE.arn)]
    assert listed == ([task.arn] if is_listed else [])


@pytest.mark.parametrize("name", CASES)
async def test_an_agent_that_connects_is_told_again_to_start_what_it_acknowledged(
    name: str, store: Store, put: Any
) -> None:
    task, kinds, _ = CASES[name]
    await put(INSTANCE, OTHER, a_definition(), task)
    orders = outbox.orders(store.snapshot, INSTANCE.arn, is_anew=True)
    assert [order.kind for order in orders] == (["start"] if name == "acknowledged" else kinds)


async def test_stops_come_before_starts_and_starts_in_the_order_of_their_making(
    store: Store, put: Any
) -> None:
    late = a_task(1, last_status="PENDING", created_at=EPOCH)
    early = a_task(2, last_status="PENDING")
    stop = a_task(3, **STOPPING, created_at=EPOCH)
    await put(a_definition(), late, early, stop)
    orders = outbox.orders(store.snapshot, INSTANCE.arn)
    assert [order.task.arn for order in orders] == [stop.arn, early.arn, late.arn]


@pytest.mark.parametrize("name", CASES)
async def test_an_agent_stops_only_what_is_not_to_run_there(name: str, store: Store, put: Any) -> None:
    task, _, is_listed = CASES[name]
    await put(INSTANCE, OTHER, a_definition(), task)
    candidates = [{"taskArn": task.arn, "taskClusterArn": CLUSTER_ARN, "desiredStatus": "STOPPED"}]
    stops = outbox.confirmed_stops(store.snapshot, INSTANCE.arn, candidates)
    assert bool(stops) is not is_listed


async def test_a_task_that_nobody_knows_is_confirmed_to_stop(store: Store) -> None:
    candidate = {"taskArn": "arn:unknown", "taskClusterArn": CLUSTER_ARN}
    assert outbox.confirmed_stops(store.snapshot, INSTANCE.arn, [candidate]) == [
        {"taskArn": "arn:unknown", "taskClusterArn": CLUSTER_ARN, "desiredStatus": "STOPPED"}
    ]


async def test_a_start_carries_the_accounts_log_mode(store: Store, put: Any) -> None:
    definition = a_definition()
    logs = LogConfiguration(log_driver="json-file", options={})
    logging = replace(definition.containers[0], log_configuration=logs)
    await put(replace(definition, containers=(logging,)), a_task(last_status="PENDING"))

    def mode() -> str:
        (order,) = outbox.orders(store.snapshot, INSTANCE.arn)
        content = outbox.content(store.snapshot, order)
        assert content is not None
        config = json.loads(content["containers"][0]["dockerConfig"]["hostConfig"])["LogConfig"]["Config"]
        return str(config["mode"])

    assert mode() == "non-blocking"
    chosen = AccountSetting(
        name="defaultLogDriverMode", value="blocking", principal_arn=root_arn("000000000000")
    )
    await put(chosen)
    assert mode() == "blocking"
    await put(replace(chosen, value="non-blocking", principal_arn=user_arn("000000000000")))
    assert mode() == "non-blocking"
