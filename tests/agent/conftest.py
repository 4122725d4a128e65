"""Both runtimes for one test suite: each with an image of a small server."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import socket
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import pytest

from tidegate.agent.docker.runtime import DockerRuntime, remove_all
from tidegate.agent.images import build_image, local_base
from tidegate.agent.payload import ContainerPayload, PortMapping, TaskPayload
from tidegate.agent.process import runtime as process
from tidegate.agent.process.runtime import ProcessRuntime
from tidegate.agent.runtime import ContainerState, Runtime
from tidegate.agent.settings import AgentSettings

SERVER = """
import os, signal, sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(os.environ.get("GREETING", "hello").encode())

print("started", flush=True)
HTTPServer((os.environ.get("HOST", "0.0.0.0"), int(os.environ.get("PORT", "8080"))), Handler).serve_forever()
"""


@dataclass(slots=True)
class Bench:
    """One runtime under test, and a new one of the same kind for what an agent's restart finds."""

    settings: AgentSettings
    runtime: Runtime

    def another(self) -> Runtime:
        kind = DockerRuntime if self.settings.runtime == "docker" else ProcessRuntime
        return kind(self.settings)

    async def state(self, task: TaskPayload, name: str = "main") -> ContainerState | None:
        return (await self.runtime.containers()).get((task.id, name))

    async def until(self, task: TaskPayload, status: str, seconds: float = 30) -> ContainerState:
        for _ in range(int(seconds / 0.05)):
            state = await self.state(task)
            if state is not None and state.status == status:
                return state
            await asyncio.sleep(0.05)
        raise AssertionError(f"the container did not become {status}: {await self.state(task)}")

    def task(self, *command: str, image: str = "contract:1", **members: object) -> TaskPayload:
        container = ContainerPayload(
            name="main",
            image=image,
            command=list(command) or None,
            port_mappings=[PortMapping(container_port=8080, host_port=free_port(self.settings.address))],
            stop_timeout=5,
        )
        container = msgspec.structs.replace(container, **members)
        arn = f"arn:aws:ecs:us-east-1:000000000000:task/c/{uuid.uuid4().hex}"
        return TaskPayload(arn=arn, family="contract", version="1", containers=[container])


def free_port(address: str) -> int:
    with socket.socket() as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("contract")
    (folder / "server.py").write_text(SERVER)
    (folder / "Dockerfile").write_text(
        'FROM python:3.11-slim\nWORKDIR /app\nCOPY server.py .\nCMD ["python", "-u", "server.py"]\n'
    )
    return folder


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory, context: Path) -> Path:
    """Those of the process runtime: making an environment for each test would take longer than the test."""
    folder = tmp_path_factory.mktemp("images")
    build_image(context, "contract:1", runtime="process", images=folder, base=None, tell=lambda _: None)
    return folder


@pytest.fixture(params=["process", pytest.param("docker", marks=pytest.mark.docker)])
async def bench(request: pytest.FixtureRequest, tmp_path: Path, context: Path) -> AsyncIterator[Bench]:
    kind = request.param
    settings = AgentSettings(
        data_dir=tmp_path / f"i-{uuid.uuid4().hex[:17]}",
        images=tmp_path / "images",
        endpoint="http://127.0.0.1:9",
        cluster="c",
        instance_id="",
        address=f"127.{random.randrange(64, 255)}.{random.randrange(256)}.1",
        availability_zone="us-east-1a",
        instance_type="t2.micro",
        cpu=1024,
        memory_mib=983,
        runtime=kind,
        region="us-east-1",
        account="000000000000",
        access_key="a",
        secret_key="b",
    )
    settings = replace(settings, instance_id=settings.data_dir.name)
    settings.data_dir.mkdir()
    if kind == "docker":
        place = {"runtime": kind, "images": settings.images}
        base = await asyncio.to_thread(local_base, **place)
        await asyncio.to_thread(build_image, context, "contract:1", base=base, tell=lambda _: None, **place)
    else:
        # What a container makes or replaces in its image's folder is not there for the next test's. A file
        # that it writes into in place is that of all tests: none does.
        built = request.getfixturevalue("images")
        shutil.copytree(built, settings.images, symlinks=True, copy_function=os.link)
    runtime = DockerRuntime(settings) if kind == "docker" else ProcessRuntime(settings)
    await runtime.open(lambda _: None)
    yield Bench(settings, runtime)
    await runtime.close()
    if kind == "docker":
        await remove_all(settings.data_dir)
    else:
        process.end_all(settings.data_dir, 0.0)
