"""What the process runtime cannot do is refused by name; and it signals no process but its own."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tidegate.agent.payload import (
    ContainerPayload,
    DockerConfig,
    HostVolume,
    MountPoint,
    TaskPayload,
    VolumePayload,
)
from tidegate.agent.process.images import Image
from tidegate.agent.process.runtime import ProcessRuntime
from tidegate.agent.process.shim import __file__ as shim_file
from tidegate.agent.process.shim import identity, taken
from tidegate.agent.runtime import RuntimeFault
from tidegate.agent.settings import AgentSettings

ARN = "arn:aws:ecs:us-east-1:000000000000:task/c/0123456789abcdef0123456789abcdef"
SETTINGS = AgentSettings(
    data_dir=Path(),
    images=Path(),
    endpoint="http://127.0.0.1:9",
    cluster="c",
    instance_id="i-1",
    address="127.90.1.1",
    availability_zone="us-east-1a",
    instance_type="t2.micro",
    cpu=1024,
    memory_mib=983,
    runtime="process",
    region="us-east-1",
    account="000000000000",
    access_key="a",
    secret_key="b",
)
SLEEPER = Image(name="sleeper", command=[sys.executable, "-c", "import time; time.sleep(60)"])


@pytest.fixture
async def runtime(tmp_path: Path) -> AsyncIterator[ProcessRuntime]:
    """With an image `sleeper:1`."""
    folder = tmp_path / "images" / "sleeper" / "1"
    (folder / "root").mkdir(parents=True)
    (folder / "image.json").write_bytes(msgspec.json.encode(SLEEPER))
    runtime = ProcessRuntime(replace(SETTINGS, data_dir=tmp_path / "i-1", images=tmp_path / "images"))
    await runtime.open(lambda _: None)
    yield runtime
    await runtime.stop(ARN.rsplit("/", 1)[-1], "main", 0)
    await runtime.close()


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process group that is nobody's container."""
    process = subprocess.Popen(["sleep", "60"], start_new_session=True)
    yield process
    process.kill()
    process.wait()


def a_task(**members: Any) -> TaskPayload:
    container = ContainerPayload(name="main", image="sleeper:1", stop_timeout=1)
    return TaskPayload(arn=ARN, containers=[msgspec.structs.replace(container, **members)])


def host_config(**members: object) -> DockerConfig:
    return DockerConfig(host_config=json.dumps(members))


async def refusal(runtime: ProcessRuntime, task: TaskPayload) -> str:
    with pytest.raises(RuntimeFault) as refused:
        await runtime.start(task, task.containers[0])
    assert await runtime.containers() == {}
    return refused.value.reason


@pytest.mark.parametrize(
    ("members", "what"),
    [
        ({"links": ["db"]}, "links"),
        ({"docker_config": host_config(Privileged=True)}, "privileged containers"),
        ({"docker_config": host_config(ReadonlyRootfs=True)}, "read-only root file systems"),
        ({"docker_config": host_config(NetworkMode="none")}, "network mode none"),
        ({"docker_config": DockerConfig(config='{"User": "www"}')}, "users of a container's own"),
    ],
)
async def test_what_a_process_cannot_have_is_refused_by_name(
    runtime: ProcessRuntime, members: dict[str, Any], what: str
) -> None:
    reason = await refusal(runtime, a_task(**members))
    assert reason == f"CannotCreateContainerError: the process runtime has no {what}: use Docker"


@pytest.mark.parametrize(
    ("source", "read_only", "what"),
    [
        ("", False, "mounts whose container path is not their host path"),
        ("/elsewhere", False, "mounts whose container path is not their host path"),
        ("/data", True, "read-only mounts"),
    ],
)
async def test_mounts_that_a_process_cannot_have_are_refused_by_name(
    runtime: ProcessRuntime, source: str, read_only: bool, what: str
) -> None:
    mount = MountPoint(source_volume="v", container_path="/data", read_only=read_only)
    volume = VolumePayload(name="v", host=HostVolume(source_path=source))
    task = msgspec.structs.replace(a_task(mount_points=[mount]), volumes=[volume])
    reason = await refusal(runtime, task)
    assert reason == f"CannotCreateContainerError: the process runtime has no {what}: use Docker"


async def test_a_host_volume_that_cannot_be_made_is_the_tasks_failure(
    runtime: ProcessRuntime, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    path = str(tmp_path / "file" / "below")
    mount = MountPoint(source_volume="v", container_path=path)
    volume = VolumePayload(name="v", host=HostVolume(source_path=path))
    task = msgspec.structs.replace(a_task(mount_points=[mount]), volumes=[volume])
    assert (await refusal(runtime, task)).startswith("CannotCreateContainerError: ")


@pytest.mark.parametrize("forged", [{"boot": "of another day"}, {"tick": "1"}])
async def test_a_process_that_has_a_containers_number_since_is_left_alone(
    runtime: ProcessRuntime, stranger: subprocess.Popen[bytes], tmp_path: Path, forged: dict[str, str]
) -> None:
    """As after a restart of the machine, which counts from the start again."""
    folder = tmp_path / "i-1" / "containers" / "t" / "main"
    folder.mkdir(parents=True)
    running = {"pid": stranger.pid, "shim": stranger.pid, "at": 0, **identity(stranger.pid), **forged}
    (folder / "spec.json").write_text("{}")
    (folder / "running.json").write_text(json.dumps(running))
    state = (await runtime.containers())["t", "main"]
    assert (state.status, state.exit_code) == ("stopped", 137)
    await runtime.stop("t", "main", 0)
    assert stranger.poll() is None


@pytest.mark.parametrize(("held_seconds", "is_taken"), [(0.02, True), (10, False)])
def test_a_lock_that_is_held_for_a_look_does_not_keep_a_shim_from_its_container(
    tmp_path: Path, held_seconds: float, is_taken: bool
) -> None:
    looking, waiting = (os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT) for _ in range(2))
    fcntl.flock(looking, fcntl.LOCK_EX)
    release = threading.Timer(held_seconds, fcntl.flock, (looking, fcntl.LOCK_UN))
    release.start()
    assert taken(waiting) is is_taken
    release.cancel()
    release.join()
    for descriptor in (looking, waiting):
        os.close(descriptor)


async def test_a_container_whose_shim_was_killed_is_ended(runtime: ProcessRuntime, tmp_path: Path) -> None:
    task = a_task()
    await runtime.start(task, task.containers[0])
    folder = tmp_path / "i-1" / "containers" / task.id / "main"
    running = json.loads((folder / "running.json").read_text())
    os.kill(running["shim"], signal.SIGKILL)
    for _ in range(100):
        state = (await runtime.containers())[task.id, "main"]
        if state.exit_code == 137 and not _is_alive(running["pid"]):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"the container lives on: {state}")


async def test_a_container_can_be_stopped_as_soon_as_it_is_started(runtime: ProcessRuntime) -> None:
    for number in range(10):
        task = msgspec.structs.replace(a_task(), arn=f"{ARN}{number}")
        await runtime.start(task, task.containers[0])
        await runtime.stop(task.id, "main", 10)
        assert (await runtime.containers())[task.id, "main"].exit_code == 143


async def test_a_process_may_have_any_name(runtime: ProcessRuntime, tmp_path: Path) -> None:
    """Linux cuts names after 15 bytes, which may be in the middle of a letter."""
    named = tmp_path / "named"
    name_itself = "import ctypes, pathlib, sys, time; ctypes.CDLL(None).prctl(15, b'caf\\xc3) (', 0, 0, 0)"
    task = a_task(
        entry_point=[sys.executable, "-c"],
        command=[f"{name_itself}; pathlib.Path({str(named)!r}).touch(); time.sleep(60)"],
    )
    await runtime.start(task, task.containers[0])
    for _ in range(1500):
        if named.exists():
            break
        await asyncio.sleep(0.02)
    assert (task.id, "main") in await runtime.usage()
    await runtime.stop(task.id, "main", 10)
    assert (await runtime.containers())[task.id, "main"].exit_code == 143


async def test_a_container_that_cannot_be_remembered_does_not_run(
    runtime: ProcessRuntime, tmp_path: Path
) -> None:
    """As on a full disk: nobody would find it again to stop it."""
    task = a_task(command=[sys.executable, "-c", "import time; time.sleep(60)", str(tmp_path)])
    # What the shim would write is a folder.
    (tmp_path / "i-1" / "containers" / task.id / "main" / ".running.json").mkdir(parents=True)
    with pytest.raises(RuntimeFault, match="CannotStartContainerError"):
        await runtime.start(task, task.containers[0])
    assert not _runs_with(str(tmp_path))


def _runs_with(last_argument: str) -> bool:
    found = subprocess.run(["pgrep", "-f", f" {last_argument}$"], capture_output=True, check=False)
    return found.stdout != b""


async def test_what_was_stopped_before_it_ran_is_not_started_any_more(
    runtime: ProcessRuntime, tmp_path: Path
) -> None:
    """As when an agent was killed between a container's folder and its shim."""
    folder = tmp_path / "i-1" / "containers" / "t" / "main"
    folder.mkdir(parents=True)
    (folder / "spec.json").write_text("{}")
    assert (await runtime.containers())["t", "main"].status == "created"
    await runtime.stop("t", "main", 0)
    state = (await runtime.containers())["t", "main"]
    assert (state.status, state.exit_code) == ("stopped", 137)
    shim = await asyncio.create_subprocess_exec(sys.executable, "-S", "-E", shim_file, str(folder))
    assert await shim.wait() == 0
    assert not (folder / "running.json").exists()


def _is_alive(pid: int) -> bool:
    """Whether the process runs; one that nobody has collected yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
