"""What errors of the Docker Engine mean: only "not found" says that something is not there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from tests.agent.test_process_runtime import SETTINGS, a_task

from tidegate.agent.docker.runtime import DockerRuntime
from tidegate.agent.runtime import RuntimeUnavailableError

pytestmark = pytest.mark.timeout(20)


class SickEngine:
    """Answers with the status that is set for a kind of request, 404 with none; keeps what was asked."""

    def __init__(self) -> None:
        self.statuses: dict[str, int] = {}
        self.asked: list[tuple[str, str]] = []

    async def answer(self, request: web.Request) -> web.Response:
        path = request.path.split("/", 2)[2]
        self.asked.append((request.method, path))
        kind = "images" if path.startswith("images/") else path.rsplit("/", 1)[-1]
        status = self.statuses.get(kind, 404)
        return web.json_response([] if status < 400 else {"message": "sick"}, status=status)


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
