"""What errors of the Docker Engine mean: only "not found" says that something is not there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from tests.agent.test_process_runtime import SETTINGS, a_task

from tidegate.agent.docker import runtime as docker
from tidegate.agent.docker.compile import LABEL_CONTAINER, LABEL_TASK
from tidegate.agent.docker.runtime import DockerRuntime
from tidegate.agent.runtime import RuntimeUnavailableError

pytestmark = pytest.mark.timeout(20)


class SickEngine:
    """Answers with the status that is set for a kind of request, 404 with none; keeps what was asked.
    `listed`: the containers that there are."""

    def __init__(self) -> None:
        self.statuses: dict[str, int] = {}
        self.listed: list[dict[str, object]] = []
        self.asked: list[tuple[str, str]] = []

    async def answer(self, request: web.Request) -> web.Response:
        path = request.path.split("/", 2)[2]
        self.asked.append((request.method, path))
        kind = "images" if path.startswith("images/") else path.rsplit("/", 1)[-1]
        if path == "containers/json":
            kind = "list"
        status = self.statuses.get("DELETE" if request.method == "DELETE" else kind, 404)
        answer: object = {"list": self.listed, "volumes": {"Volumes": [{"Name": "v-0"}]}}.get(kind, [])
        return web.json_response(answer if status < 400 else {"message": "sick"}, status=status)


@pytest.fixture
def engine() -> SickEngine:
    return SickEngine()


@pytest.fixture
async def runtime(
    engine: SickEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[DockerRuntime]:
    application = web.Application()
    application.router.add_route("*", "/{tail:.*}", engine.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.UnixSite(runner, str(tmp_path / "docker.sock")).start()
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    runtime = DockerRuntime(replace(SETTINGS, data_dir=tmp_path / "i-1", runtime="docker"))
    await runtime.open(lambda _: None)
    yield runtime
    await runtime.close()
    await runner.cleanup()


async def test_a_container_is_made_where_there_is_none(runtime: DockerRuntime, engine: SickEngine) -> None:
    engine.statuses = {"images": 200, "create": 201, "start": 204}
    task = a_task()
    await runtime.start(task, task.containers[0])
    assert ("POST", "containers/create") in engine.asked


@pytest.mark.parametrize("kind", ["json", "images"])
async def test_an_engine_that_cannot_say_what_is_there_is_asked_again(
    runtime: DockerRuntime, engine: SickEngine, kind: str
) -> None:
    engine.statuses = {"create": 201, "start": 204, kind: 500}
    task = a_task()
    with pytest.raises(RuntimeUnavailableError, match="500: sick"):
        await runtime.start(task, task.containers[0])
    made = [path for method, path in engine.asked if method == "POST"]
    assert made == []


def a_listed_container(number: int = 1) -> dict[str, object]:
    labels = {LABEL_TASK: a_task().arn, LABEL_CONTAINER: "web"}
    return {"Id": f"c{number}", "State": "exited", "Labels": labels}


ASKED: dict[str, Callable[[DockerRuntime, Path], Awaitable[object]]] = {
    "containers": lambda runtime, _: runtime.containers(),
    "the containers of a task": lambda runtime, _: runtime.containers(a_task().id),
    "usage": lambda runtime, _: runtime.usage(),
    "stop": lambda runtime, _: runtime.stop(a_task().id, "web", 1),
    "remove": lambda runtime, _: runtime.remove(a_task().id),
    "end all": lambda _, folder: docker.end_all(folder, 1),
    "remove all": lambda _, folder: docker.remove_all(folder),
}


@pytest.mark.parametrize("name", ASKED)
async def test_an_engine_that_does_not_list_containers_is_unavailable_and_no_more(
    runtime: DockerRuntime, engine: SickEngine, tmp_path: Path, name: str
) -> None:
    engine.statuses = {"list": 500}
    with pytest.raises(RuntimeUnavailableError, match="500: sick"):
        await ASKED[name](runtime, tmp_path / "i-1")


@pytest.mark.parametrize("sick", ["volumes", "DELETE"])
@pytest.mark.parametrize("name", ["remove", "remove all"])
async def test_what_an_engine_does_not_remove_is_not_taken_for_removed(
    runtime: DockerRuntime, engine: SickEngine, tmp_path: Path, name: str, sick: str
) -> None:
    engine.listed = [a_listed_container()]
    engine.statuses = {"list": 200, "volumes": 200, "DELETE": 204, sick: 500}
    with pytest.raises(RuntimeUnavailableError, match="500: sick"):
        await ASKED[name](runtime, tmp_path / "i-1")


@pytest.mark.parametrize("status", [204, 404, 409])
@pytest.mark.parametrize("name", ["remove", "remove all"])
async def test_what_is_gone_or_going_is_removed(
    runtime: DockerRuntime, engine: SickEngine, tmp_path: Path, name: str, status: int
) -> None:
    engine.listed = [a_listed_container(1), a_listed_container(2)]
    engine.statuses = {"list": 200, "volumes": 200, "DELETE": status}
    await ASKED[name](runtime, tmp_path / "i-1")
    removed = [path for method, path in engine.asked if method == "DELETE"]
    assert removed == ["containers/c1", "containers/c2", "volumes/v-0"]


async def test_usage_of_a_container_that_the_engine_does_not_measure_is_left_out(
    runtime: DockerRuntime, engine: SickEngine
) -> None:
    engine.listed = [a_listed_container()]
    engine.statuses = {"list": 200, "stats": 500}
    assert await runtime.usage() == {}
