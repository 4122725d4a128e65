"""What every runtime must do: one suite for processes and for Docker."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from pathlib import Path

import pytest
from tests.agent.conftest import Bench

from tidegate.agent.payload import DockerConfig, HostVolume, MountPoint, TaskPayload, VolumePayload
from tidegate.agent.runtime import RuntimeFault

pytestmark = pytest.mark.timeout(90)


def get(bench: Bench, task: TaskPayload) -> bytes:
    port = task.containers[0].port_mappings[0].host_port
    with urllib.request.urlopen(f"http://{bench.settings.address}:{port}/", timeout=5) as answer:
        return bytes(answer.read())


async def answered(bench: Bench, task: TaskPayload) -> bytes:
    for _ in range(600):
        try:
            return await asyncio.to_thread(get, bench, task)
        except OSError:
            await asyncio.sleep(0.05)
    raise AssertionError("the container does not answer")


async def printed(bench: Bench, task: TaskPayload, text: str) -> None:
    """Wait until the container's log holds the text."""
    file = bench.settings.data_dir / "logs" / task.id / "main.log"
    for _ in range(600):
        # A look at the containers is what keeps their logs.
        await bench.runtime.containers()
        if file.exists() and text in file.read_text():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"'{text}' is not in the container's log")


async def start(bench: Bench, task: TaskPayload) -> None:
    await bench.runtime.start(task, task.containers[0])


async def test_a_container_answers_on_its_host_port_at_the_instances_address(bench: Bench) -> None:
    task = bench.task(environment={"GREETING": "moin"})
    await start(bench, task)
    assert await answered(bench, task) == b"moin"
    state = await bench.until(task, "running")
    (binding,) = state.bindings
    assert binding.bind_ip == bench.settings.address
    assert (binding.container_port, binding.host_port) == (
        8080,
        task.containers[0].port_mappings[0].host_port,
    )
    assert state.runtime_id


async def test_starting_twice_starts_one(bench: Bench) -> None:
    task = bench.task()
    await start(bench, task)
    first = await bench.until(task, "running")
    await start(bench, task)
    assert (await bench.state(task)) == first


async def test_one_task_alone_can_be_looked_at(bench: Bench) -> None:
    one, other = bench.task(), bench.task()
    await start(bench, one)
    await start(bench, other)
    assert set(await bench.runtime.containers(one.id)) == {(one.id, "main")}
    assert set(await bench.runtime.containers()) == {(one.id, "main"), (other.id, "main")}
    assert await bench.runtime.containers("0" * 32) == {}


async def test_the_exit_code_is_kept(bench: Bench) -> None:
    task = bench.task("python", "-c", "raise SystemExit(3)")
    await start(bench, task)
    assert (await bench.until(task, "stopped")).exit_code == 3


async def test_a_stopped_container_had_the_chance_to_end_well(bench: Bench) -> None:
    code = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)"
    )
    task = bench.task("python", "-c", code)
    await start(bench, task)
    await printed(bench, task, "ready")
    await bench.runtime.stop(task.id, "main", 30)
    assert (await bench.until(task, "stopped")).exit_code == 7


async def test_a_container_that_ignores_sigterm_is_killed_after_its_timeout(bench: Bench) -> None:
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "print('ready', flush=True); time.sleep(60)"
    )
    task = bench.task("python", "-c", code)
    await start(bench, task)
    await printed(bench, task, "ready")
    await bench.runtime.stop(task.id, "main", 1)
    assert (await bench.until(task, "stopped")).exit_code == 137


async def test_a_new_agent_finds_running_and_ended_containers(bench: Bench) -> None:
    running, ended = bench.task(), bench.task("python", "-c", "raise SystemExit(4)")
    await start(bench, running)
    await start(bench, ended)
    await bench.until(ended, "stopped")
    before = await bench.until(running, "running")
    another = bench.another()
    await another.open(lambda _: None)
    found = await another.containers()
    await another.close()
    assert found[running.id, "main"] == before
    assert found[ended.id, "main"].exit_code == 4


async def test_an_end_is_noticed_at_once(bench: Bench) -> None:
    noticed = asyncio.Event()
    another = bench.another()
    await another.open(lambda _: noticed.set())
    task = bench.task("python", "-c", "import time; time.sleep(1)")
    await another.start(task, task.containers[0])
    await asyncio.wait_for(noticed.wait(), 30)
    await another.close()


async def test_an_image_that_is_not_there_is_a_pull_error(bench: Bench) -> None:
    task = bench.task(image="nowhere.invalid/nothing:1")
    with pytest.raises(RuntimeFault, match=r"^CannotPullContainerError: "):
        await start(bench, task)


async def test_a_name_of_ecrs_form_finds_the_image_built_under_its_own(bench: Bench) -> None:
    task = bench.task(image="000000000000.dkr.ecr.us-east-1.amazonaws.com/contract:1")
    await start(bench, task)
    await bench.until(task, "running")


async def test_what_a_container_wrote_can_be_read_after_its_death(bench: Bench) -> None:
    task = bench.task("python", "-c", "print('last words')")
    await start(bench, task)
    await bench.until(task, "stopped")
    await printed(bench, task, "last words")


async def test_lines_are_kept_once_whatever_agent_comes_and_goes(bench: Bench) -> None:
    code = (
        "import time\n"
        "for n in range(100):\n"
        "    print('line', n, end='.\\r\\n', flush=True)\n"
        "    time.sleep(0.05)\n"
    )
    task = bench.task("python", "-c", code)
    file = bench.settings.data_dir / "logs" / task.id / "main.log"
    await start(bench, task)
    await logged(bench, file, "line 5.")
    await bench.runtime.close()
    bench.runtime = bench.another()
    await bench.runtime.open(lambda _: None)
    await bench.until(task, "stopped")
    text = await logged(bench, file, "line 99.")
    lines = [line.split(" ", 1)[1] for line in text.splitlines() if line]
    assert lines == [f"line {n}." for n in range(100)]


async def logged(bench: Bench, file: Path, awaited: str) -> str:
    """The file's text once it has what is awaited; without carriage returns."""
    for _ in range(200):
        await bench.runtime.containers()
        text = await asyncio.to_thread(lambda: file.read_text() if file.exists() else "")
        if awaited in text:
            return text.replace("\r", "")
        await asyncio.sleep(0.05)
    raise AssertionError(f"{awaited} is not in {file}")


async def test_a_health_check_makes_a_container_healthy_and_then_unhealthy(bench: Bench) -> None:
    """Run in the container's working directory, with its environment."""
    code = (
        "import time\nopen('well', 'w').close()\ntime.sleep(4)\nimport os\nos.remove('well')\ntime.sleep(60)"
    )
    check = {
        "Test": ["CMD-SHELL", 'test "$GREETING" = moin && test -e well'],
        "Interval": 200_000_000,
        "Timeout": 2_000_000_000,
        "Retries": 2,
        "StartPeriod": 0,
    }
    config = DockerConfig(config=json.dumps({"Healthcheck": check}))
    task = bench.task("python", "-c", code, environment={"GREETING": "moin"}, docker_config=config)
    await start(bench, task)
    await until_health(bench, task, "HEALTHY")
    another = bench.another()
    await another.open(lambda _: None)
    assert (await another.containers())[task.id, "main"].health == "HEALTHY"
    await another.close()
    await until_health(bench, task, "UNHEALTHY")
    assert (await bench.until(task, "running")).health == "UNHEALTHY"


async def until_health(bench: Bench, task: TaskPayload, health: str) -> None:
    for _ in range(400):
        state = await bench.state(task)
        if state is not None and state.health == health:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"the container did not become {health}: {await bench.state(task)}")


async def test_a_container_without_health_check_has_no_health(bench: Bench) -> None:
    task = bench.task()
    await start(bench, task)
    assert (await bench.until(task, "running")).health == "UNKNOWN"


async def test_what_a_container_uses_is_counted(bench: Bench) -> None:
    code = "import time\nblock = bytearray(30 << 20)\nwhile time.process_time() < 0.5: pass\ntime.sleep(60)"
    task = bench.task("python", "-c", code)
    await start(bench, task)
    for _ in range(200):
        used = (await bench.runtime.usage()).get((task.id, "main"))
        if used is not None and used.cpu_seconds >= 0.4:
            break
        await asyncio.sleep(0.05)
    assert used is not None
    assert 0.4 <= used.cpu_seconds < 5
    assert 30 <= used.memory_mib < 200
    await bench.runtime.stop(task.id, "main", 1)
    assert (task.id, "main") not in await bench.runtime.usage()


async def test_a_container_knows_its_region(bench: Bench) -> None:
    code = "import os, sys; sys.exit(0 if os.environ['AWS_REGION'] == 'us-east-1' else 1)"
    task = bench.task("python", "-c", code)
    await start(bench, task)
    assert (await bench.until(task, "stopped")).exit_code == 0


async def test_a_host_volume_of_the_same_path_is_shared(bench: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    code = f"open('{folder}/written', 'w').write('yes')"
    task = bench.task(
        "python", "-c", code, mount_points=[MountPoint(source_volume="v", container_path=str(folder))]
    )
    task = TaskPayload(
        arn=task.arn,
        family=task.family,
        version=task.version,
        containers=task.containers,
        volumes=[VolumePayload(name="v", host=HostVolume(source_path=str(folder)))],
    )
    await start(bench, task)
    assert (await bench.until(task, "stopped")).exit_code == 0
    assert (folder / "written").read_text() == "yes"


async def test_a_removed_task_leaves_no_container(bench: Bench) -> None:
    task = bench.task("python", "-c", "pass")
    await start(bench, task)
    await bench.until(task, "stopped")
    await bench.runtime.remove(task.id)
    assert await bench.state(task) is None
