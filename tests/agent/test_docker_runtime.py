"""What only Docker's runtime has to do: what it leaves in the engine outlives the instance's directory."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.agent.conftest import Bench

from tidegate.agent.docker.client import DockerClient
from tidegate.agent.docker.location import socket_path
from tidegate.agent.docker.runtime import end_all, remove_all
from tidegate.agent.payload import MountPoint, TaskPayload, VolumePayload

pytestmark = [
    pytest.mark.docker,
    pytest.mark.timeout(90),
    pytest.mark.parametrize("bench", ["docker"], indirect=True),
]


async def volumes_of(task: TaskPayload) -> list[str]:
    """Names of the volumes that belong to the task alone."""
    client = DockerClient(socket_path())
    await client.open()
    listed: dict[str, Any] = await client.call("GET", "/volumes")
    await client.close()
    return [volume["Name"] for volume in listed["Volumes"] or () if task.id in volume["Name"]]


def with_a_volume(task: TaskPayload) -> TaskPayload:
    mounts = [MountPoint(source_volume="scratch", container_path="/scratch")]
    container = msgspec.structs.replace(task.containers[0], mount_points=mounts)
    return msgspec.structs.replace(task, containers=[container], volumes=[VolumePayload(name="scratch")])


async def test_an_instance_that_will_not_come_back_leaves_nothing(bench: Bench) -> None:
    ended, running = bench.task("python", "-c", "pass"), with_a_volume(bench.task())
    for task in (ended, running):
        await bench.runtime.start(task, task.containers[0])
    await bench.until(ended, "stopped")
    await bench.until(running, "running")

    await end_all(bench.settings.data_dir, 1.0)
    states = (await bench.runtime.containers()).values()
    assert [state.status for state in states] == ["stopped", "stopped"]
    assert len(await volumes_of(running)) == 1

    await remove_all(bench.settings.data_dir)
    assert await bench.runtime.containers() == {}
    assert await volumes_of(running) == []


async def test_another_instances_containers_are_left_alone(bench: Bench) -> None:
    task = bench.task()
    await bench.runtime.start(task, task.containers[0])
    await bench.until(task, "running")
    neighbour = bench.settings.data_dir.with_name("i-0")
    await end_all(neighbour, 1.0)
    await remove_all(neighbour)
    await bench.until(task, "running")
