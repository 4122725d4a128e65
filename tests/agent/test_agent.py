"""A whole agent on processes, and a control that does as a test tells it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from tests.agent.test_process_runtime import SETTINGS

from tidegate.agent import main
from tidegate.agent.process import runtime as process
from tidegate.agent.process.images import Image
from tidegate.agent.settings import AgentSettings
from tidegate.fleet.exposition import READY_PATH, URL_FILE
from tidegate.testing.fake_control import (
    ACCESS_KEY,
    CLUSTER,
    INSTANCE,
    SECRET_KEY,
    FakeControl,
    fake_control,
    task_arn,
)

pytestmark = pytest.mark.timeout(60)

ONE, TWO = task_arn(1), task_arn(2)


@pytest.fixture
async def control() -> AsyncIterator[FakeControl]:
    async with fake_control() as control:
        yield control


@pytest.fixture
def settings(tmp_path: Path, control: FakeControl) -> AsyncIterator[AgentSettings]:
    """Of an agent with an image `sleeper:1`."""
    folder = tmp_path / "images" / "sleeper" / "1"
    (folder / "root").mkdir(parents=True)
    image = Image(name="sleeper", command=[sys.executable, "-c", "import time; time.sleep(60)"])
    (folder / "image.json").write_bytes(msgspec.json.encode(image))
    data_dir = tmp_path / "i-1"
    yield replace(
        SETTINGS,
        data_dir=data_dir,
        images=tmp_path / "images",
        endpoint=control.url,
        cluster=CLUSTER,
        access_key=ACCESS_KEY,
        secret_key=SECRET_KEY,
    )
    process.end_all(data_dir, 0.0)


@asynccontextmanager
async def an_agent(settings: AgentSettings) -> AsyncIterator[None]:
    """An agent that ends with the block, without a last word."""
    job = asyncio.create_task(main.serve(settings))
    try:
        yield
    finally:
        job.cancel()
        with suppress(asyncio.CancelledError):
            await job


def order(arn: str, status: str = "RUNNING", **members: Any) -> dict[str, Any]:
    container = {"name": "main", "image": "sleeper:1", "stopTimeout": 1, **members}
    return {"arn": arn, "desiredStatus": status, "family": "f", "version": "1", "containers": [container]}


def folder_of(settings: AgentSettings, arn: str) -> Path:
    return settings.data_dir / "containers" / arn.rsplit("/", 1)[-1] / "main"


def pid_of(settings: AgentSettings, arn: str) -> int:
    return int(json.loads((folder_of(settings, arn) / "running.json").read_text())["pid"])


async def test_an_order_is_acknowledged_and_what_runs_is_reported_with_its_ports(
    settings: AgentSettings, control: FakeControl
) -> None:
    async with an_agent(settings):
        ports = [{"containerPort": 80, "hostPort": 32768, "protocol": "tcp"}]
        message = await control.order(order(ONE, portMappings=ports))
        assert (await control.answered("AckRequest", message))["cluster"] == CLUSTER
        (container,) = (await control.reported(ONE, "RUNNING"))["containers"]
    assert container["networkBindings"] == [
        {"bindIP": settings.address, "containerPort": 80, "hostPort": 32768, "protocol": "tcp"}
    ]
    assert container["runtimeId"]


async def test_an_agent_is_ready_once_it_has_a_session_and_tells_what_it_runs(
    settings: AgentSettings, control: FakeControl
) -> None:
    async with an_agent(settings), aiohttp.ClientSession() as client:
        await control.order(order(ONE))
        await control.reported(ONE, "RUNNING")
        url = (settings.data_dir / URL_FILE).read_text()
        async with client.get(url.replace("/metrics", READY_PATH)) as answer:
            assert (answer.status, await answer.json()) == (200, {"ready": True, "waitsFor": []})
        async with client.get(url) as answer:
            text = await answer.text()
    assert 'tidegate_agent_containers{state="running"} 1.0' in text
    assert 'tidegate_agent_session_open{session="acs"} 1.0' in text
    assert 'tidegate_agent_sessions_opened_total{session="acs"} 1.0' in text


async def test_a_stop_order_ends_in_a_report_with_the_exit_code(
    settings: AgentSettings, control: FakeControl
) -> None:
    async with an_agent(settings):
        await control.order(order(ONE))
        await control.reported(ONE, "RUNNING")
        await control.order({"arn": ONE, "desiredStatus": "STOPPED", "containers": [], "volumes": []})
        (container,) = (await control.reported(ONE, "STOPPED"))["containers"]
    assert (container["status"], container["exitCode"]) == ("STOPPED", 143)


async def test_a_new_agent_adopts_what_runs_and_has_nothing_to_report(
    settings: AgentSettings, control: FakeControl
) -> None:
    async with an_agent(settings):
        await control.order(order(ONE))
        await control.reported(ONE, "RUNNING")
    pid = pid_of(settings, ONE)
    control.calls.clear()
    async with an_agent(settings):
        await control.order(order(ONE), order(TWO))
        await control.reported(TWO, "RUNNING")
    registration = next(sent for name, sent in control.calls if name == "RegisterContainerInstance")
    assert registration["containerInstanceArn"] == INSTANCE
    assert control.reports(ONE) == []
    assert pid_of(settings, ONE) == pid


async def test_a_container_that_died_while_no_agent_looked_is_reported(
    settings: AgentSettings, control: FakeControl
) -> None:
    async with an_agent(settings):
        await control.order(order(ONE))
        await control.reported(ONE, "RUNNING")
    os.killpg(pid_of(settings, ONE), signal.SIGKILL)
    async with an_agent(settings):
        (container,) = (await control.reported(ONE, "STOPPED"))["containers"]
    assert container["exitCode"] == 137


async def test_a_container_that_was_removed_behind_its_back_has_vanished(
    settings: AgentSettings, control: FakeControl
) -> None:
    async with an_agent(settings):
        await control.order(order(ONE))
        await control.reported(ONE, "RUNNING")
    os.killpg(pid_of(settings, ONE), signal.SIGKILL)
    folder_of(settings, ONE).parent.rename(settings.data_dir / "removed")
    async with an_agent(settings):
        (container,) = (await control.reported(ONE, "STOPPED"))["containers"]
    assert container["reason"] == "ContainerVanishedError: No container matching saved ID found"
    assert "exitCode" not in container


async def test_a_report_is_repeated_until_control_takes_it(
    settings: AgentSettings, control: FakeControl
) -> None:
    control.refusals["SubmitTaskStateChange"] = [(500, "ServerException"), (400, "ThrottlingException")]
    async with an_agent(settings):
        await control.order(order(ONE))
        await control.reported(ONE, "RUNNING")
    assert control.refusals["SubmitTaskStateChange"] == []


async def test_a_report_that_control_knows_nothing_of_is_dropped(
    settings: AgentSettings, control: FakeControl
) -> None:
    control.refusals["SubmitTaskStateChange"] = [(400, "InvalidParameterException")]
    async with an_agent(settings):
        await control.order(order(ONE))
        await control.until(lambda: not control.refusals["SubmitTaskStateChange"])
        await control.order(order(TWO))
        await control.reported(TWO, "RUNNING")
    assert control.reports(ONE) == []


async def test_an_image_that_is_not_there_stops_the_task_with_the_reason(
    settings: AgentSettings, control: FakeControl
) -> None:
    async with an_agent(settings):
        await control.order(order(ONE, image="nothing:1"))
        (container,) = (await control.reported(ONE, "STOPPED"))["containers"]
    assert container["reason"].startswith("CannotPullContainerError: ")


async def test_an_order_that_makes_no_sense_is_reported_and_the_others_are_followed(
    settings: AgentSettings, control: FakeControl
) -> None:
    async with an_agent(settings):
        message = await control.order({"arn": ONE, "containers": [{"name": 1}]}, order(TWO))
        assert (await control.reported(ONE, "STOPPED"))["reason"].startswith("UnrecognizedTaskError: ")
        await control.reported(TWO, "RUNNING")
        await control.answered("AckRequest", message)


async def test_what_the_manifest_does_not_list_is_asked_about_and_then_stopped(
    settings: AgentSettings, control: FakeControl
) -> None:
    async with an_agent(settings):
        await control.order(order(ONE), order(TWO))
        await control.reported(ONE, "RUNNING")
        await control.reported(TWO, "RUNNING")
        wanted = [{"taskArn": ONE, "taskClusterArn": CLUSTER, "desiredStatus": "RUNNING"}]
        manifest = await control.send("TaskManifestMessage", tasks=wanted, timeline=7)
        asked = await control.answered("TaskStopVerificationMessage", manifest)
        assert [task["taskArn"] for task in asked["stopCandidates"]] == [TWO]
        assert control.statuses(TWO) == ["RUNNING"]
        await control.send("TaskStopVerificationAck", stopTasks=asked["stopCandidates"])
        await control.reported(TWO, "STOPPED")
    assert control.statuses(ONE) == ["RUNNING"]


async def test_a_half_written_record_of_a_killed_agent_is_no_obstacle(
    settings: AgentSettings, control: FakeControl
) -> None:
    tasks = settings.data_dir / "tasks"
    tasks.mkdir(parents=True)
    (tasks / ".0123.json").write_text('{"payload":{"arn":"arn:aws')
    async with an_agent(settings):
        await control.order(order(ONE))
        await control.reported(ONE, "RUNNING")
    assert not (tasks / ".0123.json").exists()


async def test_a_dependency_that_takes_longer_than_its_start_timeout_ends_the_task(
    settings: AgentSettings, control: FakeControl
) -> None:
    late = {"name": "late", "image": "sleeper:1", "essential": False, "startTimeout": 1, "stopTimeout": 1}
    waiting = order(ONE, dependsOn=[{"containerName": "late", "condition": "COMPLETE"}])
    waiting["containers"].append(late)
    async with an_agent(settings):
        await control.order(waiting)
        report = await control.reported(ONE, "STOPPED")
    reasons = {container["containerName"]: container.get("reason", "") for container in report["containers"]}
    assert reasons["main"].endswith("dependency late for main has timed out after 1 s")


def healths(control: FakeControl) -> list[tuple[str, str]]:
    """(container, health) as it was published."""
    return [
        (container["containerName"], container["healthStatus"])
        for frame in control.telemetry
        if frame["type"] == "PublishHealthRequest"
        for task in frame["message"]["tasks"]
        for container in task["containers"]
    ]


async def test_a_health_is_published_as_soon_as_it_changes_and_again_to_a_new_session(
    settings: AgentSettings, control: FakeControl
) -> None:
    check = {"Test": ["CMD", "true"], "Interval": 100_000_000, "Timeout": 1_000_000_000, "Retries": 1}
    config = {"dockerConfig": {"config": json.dumps({"Healthcheck": check}), "hostConfig": "{}"}}
    async with an_agent(settings):
        await control.order(order(ONE, **config), order(TWO))
        await control.until(lambda: ("main", "HEALTHY") in healths(control))
    assert set(healths(control)) == {("main", "UNKNOWN"), ("main", "HEALTHY")}
    control.telemetry.clear()
    async with an_agent(settings):
        await control.until(lambda: healths(control))
    assert set(healths(control)) == {("main", "HEALTHY")}


async def test_an_agent_removes_the_logs_of_tasks_that_are_long_gone(
    settings: AgentSettings, control: FakeControl
) -> None:
    gone, recent = (settings.data_dir / "logs" / name for name in ("gone", "recent"))
    for folder in (gone, recent):
        folder.mkdir(parents=True)
        (folder / "main.log").touch()
    os.utime(gone, (0, 0))
    async with an_agent(settings):
        await control.until(lambda: not gone.exists())
    assert (recent / "main.log").exists()


async def test_an_idle_instance_says_so(settings: AgentSettings, control: FakeControl) -> None:
    async with an_agent(settings):
        await control.until(lambda: control.telemetry)
    metadata = control.telemetry[0]["message"]["metadata"]
    assert (metadata["idle"], metadata["containerInstance"]) == (True, INSTANCE)


@pytest.mark.parametrize(("cluster", "made"), [("default", [{"clusterName": "default"}]), ("shop", [])])
async def test_the_default_cluster_is_made_by_its_first_agent_and_any_other_waited_for(
    settings: AgentSettings, control: FakeControl, cluster: str, made: list[dict[str, str]]
) -> None:
    control.refusals["RegisterContainerInstance"] = [(400, "ClusterNotFoundException")]
    async with an_agent(replace(settings, cluster=cluster)):
        await control.until(lambda: control.acs)
    assert [parameters for name, parameters in control.calls if name == "CreateCluster"] == made
    assert [p["cluster"] for name, p in control.calls if name == "RegisterContainerInstance"] == [cluster]
