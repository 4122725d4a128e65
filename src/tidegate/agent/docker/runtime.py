"""Containers on a Docker Engine."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import structlog

from tidegate.agent.decisions.usage import Usage
from tidegate.agent.docker import compile as compiling
from tidegate.agent.docker.client import IN_CONFLICT, NOT_FOUND, DockerClient, EngineError, name_in_path
from tidegate.agent.docker.location import socket_path
from tidegate.agent.docker.logs import LogKeeper
from tidegate.agent.image_names import local_names
from tidegate.agent.payload import ContainerPayload, TaskPayload
from tidegate.agent.runtime import Binding, ContainerState, RuntimeFault, RuntimeUnavailableError
from tidegate.agent.settings import AgentSettings

_STATUS = {
    "created": "created",
    "running": "running",
    "paused": "running",
    "restarting": "running",
    "removing": "stopped",
    "exited": "stopped",
    "dead": "stopped",
}

_log = structlog.get_logger(__name__)


class DockerRuntime:
    name = "docker"

    def __init__(self, settings: AgentSettings) -> None:
        self._settings = settings
        self._client = DockerClient(socket_path())
        self._on_change: Callable[[str], None] = lambda _: None
        self._events: asyncio.Task[None] | None = None
        self._logs = LogKeeper(self._client, settings.data_dir / "logs")
        self._label = f"{compiling.LABEL_INSTANCE}={settings.instance_id}"

    async def open(self, on_change: Callable[[str], None]) -> None:
        self._on_change = on_change
        await self._client.open()
        self._events = asyncio.create_task(self._follow_events())

    async def close(self) -> None:
        if self._events is not None:
            self._events.cancel()
            await asyncio.gather(self._events, return_exceptions=True)
        await self._logs.close()
        await self._client.close()

    async def containers(self, task_id: str | None = None) -> dict[tuple[str, str], ContainerState]:
        # Names end in their task's id.
        named = None if task_id is None else {"name": [task_id]}
        listed = await _of_instance(self._client, self._settings.instance_id, named)
        states = await asyncio.gather(*(self._inspect(entry["Id"]) for entry in listed))
        return {(state.task_id, state.name): state for state in states if state is not None}

    async def start(self, task: TaskPayload, container: ContainerPayload) -> None:
        name = compiling.container_name(task, container)
        try:
            await self._client.call("GET", f"/containers/{name}/json")
        except EngineError as error:
            _check_missing(error)
            await self._create(task, container, name)
        try:
            await self._client.call("POST", f"/containers/{name}/start")
        except EngineError as error:
            raise RuntimeFault(f"CannotStartContainerError: {error.message}") from error

    async def stop(self, task_id: str, name: str, timeout_seconds: float) -> None:
        for container_id in await self._ids(task_id, name):
            try:
                await self._client.call(
                    "POST",
                    f"/containers/{container_id}/stop",
                    query={"t": str(round(timeout_seconds))},
                    timeout_seconds=timeout_seconds + 60,
                )
            except EngineError as error:
                if error.status != NOT_FOUND:
                    _log.warning("container not stopped", task=task_id, container=name, error=str(error))

    async def usage(self) -> dict[tuple[str, str], Usage]:
        running = {"status": ["running", "paused"]}
        listed = await _of_instance(self._client, self._settings.instance_id, running)
        measured = await asyncio.gather(*(self._usage(entry["Id"]) for entry in listed))
        places = [
            (
                entry["Labels"][compiling.LABEL_TASK].rsplit("/", 1)[-1],
                entry["Labels"][compiling.LABEL_CONTAINER],
            )
            for entry in listed
        ]
        return {place: usage for place, usage in zip(places, measured, strict=True) if usage is not None}

    async def _usage(self, container_id: str) -> Usage | None:
        query = {"stream": "0", "one-shot": "1"}
        try:
            document = await self._client.call("GET", f"/containers/{container_id}/stats", query=query)
        except EngineError:
            return None
        return container_usage(document)

    async def remove(self, task_id: str) -> None:
        await _remove(self._client, await self._ids(task_id), task_id)

    async def _create(self, task: TaskPayload, container: ContainerPayload, name: str) -> None:
        image = await self._image(container.image)
        request = compiling.create_request(
            task,
            container,
            image=image,
            address=self._settings.address,
            instance_id=self._settings.instance_id,
            cluster=self._settings.cluster,
            region=self._settings.region,
        )
        try:
            await self._client.call("POST", "/containers/create", query={"name": name}, document=request)
        except EngineError as error:
            if error.status != IN_CONFLICT:
                raise RuntimeFault(f"CannotCreateContainerError: {error.message}") from error

    async def _image(self, name: str) -> str:
        """A name under which the image is there: local first, else pulled. Raises RuntimeFault."""
        for candidate in local_names(name):
            try:
                await self._client.call("GET", f"/images/{name_in_path(candidate)}/json")
            except EngineError as error:
                _check_missing(error)
            else:
                return candidate
        try:
            await self._client.pull(name)
        except EngineError as error:
            raise RuntimeFault(f"CannotPullContainerError: {error.message}") from error
        return name

    async def _ids(self, task_id: str, name: str | None = None) -> list[str]:
        return [
            entry["Id"]
            for entry in await _of_instance(self._client, self._settings.instance_id)
            if entry["Labels"].get(compiling.LABEL_TASK, "").endswith("/" + task_id)
            and name in (None, entry["Labels"].get(compiling.LABEL_CONTAINER))
        ]

    async def _inspect(self, container_id: str) -> ContainerState | None:
        """None for a container that is gone."""
        try:
            document = await self._client.call("GET", f"/containers/{container_id}/json")
        except EngineError as error:
            _check_missing(error)
            return None
        state = container_state(document)
        self._logs.keep(state, _log_files_max(document))
        return state

    async def _follow_events(self) -> None:
        """Wake tasks whose containers changed; for ever, through restarts of the engine."""
        filters = json.dumps({"type": ["container"], "label": [self._label]})
        while True:
            try:
                rest = b""
                async for chunk in self._client.stream("GET", "/events", {"filters": filters}):
                    *lines, rest = (rest + chunk).split(b"\n")
                    for line in lines:
                        self._signal(json.loads(line))
            except (RuntimeUnavailableError, EngineError, ValueError) as error:
                _log.warning("docker events ended", error=str(error))
            await asyncio.sleep(0.5)

    def _signal(self, event: Mapping[str, Any]) -> None:
        action = str(event.get("Action", ""))
        if action in ("die", "oom", "destroy") or action.startswith("health_status"):
            arn = event["Actor"]["Attributes"].get(compiling.LABEL_TASK, "")
            self._on_change(arn.rsplit("/", 1)[-1])


def _check_missing(error: EngineError) -> None:
    """Raise RuntimeUnavailableError for what does not mean that the thing asked for is not there."""
    if error.status != NOT_FOUND:
        raise RuntimeUnavailableError(f"Docker does not say what is there: {error}") from error


def container_state(document: Mapping[str, Any]) -> ContainerState:
    """What an inspected container means."""
    labels, state = document["Config"]["Labels"], document["State"]
    status = _STATUS.get(state["Status"], "stopped")
    reason = None
    if state.get("OOMKilled"):
        reason = "OutOfMemoryError: Container killed due to memory usage"
    elif state.get("Error") and status != "running":
        reason = f"CannotStartContainerError: {state['Error']}"
    bindings = tuple(
        Binding(
            bind_ip=binding["HostIp"],
            container_port=int(port.split("/")[0]),
            host_port=int(binding["HostPort"]),
            protocol=port.split("/")[1],
        )
        for port, published in (document["HostConfig"].get("PortBindings") or {}).items()
        for binding in published
    )
    is_fresh = status == "created" and state.get("ExitCode", 0) == 0
    return ContainerState(
        task_id=labels[compiling.LABEL_TASK].rsplit("/", 1)[-1],
        name=labels[compiling.LABEL_CONTAINER],
        status=status if status != "created" or is_fresh else "stopped",
        runtime_id=document["Id"],
        exit_code=state["ExitCode"] if status == "stopped" else None,
        reason=reason,
        health=str((state.get("Health") or {}).get("Status", "unknown"))
        .upper()
        .replace("STARTING", "UNKNOWN"),
        bindings=bindings if status == "running" else (),
    )


def _log_files_max(document: Mapping[str, Any]) -> int:
    """As many as the engine itself keeps: the container was made so."""
    options = (document["HostConfig"].get("LogConfig") or {}).get("Config") or {}
    number = str(options.get("max-file", ""))
    return max(2, int(number)) if number.isdecimal() else 2


def container_usage(document: Mapping[str, Any]) -> Usage | None:
    """What Docker's statistics of a container mean; None for one that has just ended."""
    memory = document.get("memory_stats") or {}
    if "usage" not in memory:
        return None
    # Pages of files that the kernel may drop at any time are not the container's: cgroups 1 and 2 name
    # them differently.
    details = memory.get("stats") or {}
    droppable = details.get("total_inactive_file", details.get("inactive_file", 0))
    return Usage(
        cpu_seconds=document["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9,
        memory_mib=max(0, memory["usage"] - droppable) / 2**20,
    )


async def end_all(data_dir: Path, timeout_seconds: float) -> None:
    """Stop every container of an instance whose agent is gone; SIGKILL at once when the timeout is 0.
    They stay, stopped, for an agent that comes back. Raises RuntimeUnavailableError."""
    async with _engine() as client:

        async def end(container_id: str) -> None:
            with contextlib.suppress(EngineError):
                if timeout_seconds > 0:
                    await client.call(
                        "POST", f"/containers/{container_id}/stop", query={"t": str(round(timeout_seconds))}
                    )
                else:
                    await client.call("POST", f"/containers/{container_id}/kill")

        listed = await _of_instance(client, data_dir.name)
        await asyncio.gather(
            *(end(entry["Id"]) for entry in listed if _STATUS.get(entry["State"]) == "running")
        )


async def remove_all(data_dir: Path) -> None:
    """Remove every container of an instance that will not come back, and its tasks' volumes. Raises
    RuntimeUnavailableError."""
    async with _engine() as client:
        by_task: dict[str, list[str]] = {}
        for entry in await _of_instance(client, data_dir.name):
            task_id = entry["Labels"][compiling.LABEL_TASK].rsplit("/", 1)[-1]
            by_task.setdefault(task_id, []).append(entry["Id"])
        for task_id, container_ids in by_task.items():
            await _remove(client, container_ids, task_id)


@contextlib.asynccontextmanager
async def _engine() -> AsyncIterator[DockerClient]:
    client = DockerClient(socket_path())
    await client.open()
    try:
        yield client
    finally:
        await client.close()


async def _of_instance(
    client: DockerClient, instance_id: str, more: Mapping[str, list[str]] | None = None
) -> list[dict[str, Any]]:
    """The engine's entries of an instance's containers, stopped ones included; those that also pass `more`
    of the engine's filters. Raises RuntimeUnavailableError."""
    filters = json.dumps({"label": [f"{compiling.LABEL_INSTANCE}={instance_id}"], **(more or {})})
    listed: list[dict[str, Any]] = await _asked(
        client, "GET", "/containers/json", query={"all": "1", "filters": filters}
    )
    return listed


async def _remove(client: DockerClient, container_ids: Sequence[str], task_id: str) -> None:
    """Remove a task's containers and the volumes named after it. Raises RuntimeUnavailableError."""
    for container_id in container_ids:
        await _delete(client, f"/containers/{container_id}", {"v": "1", "force": "1"})
    named = json.dumps({"name": [f"-{task_id}"]})
    volumes = await _asked(client, "GET", "/volumes", query={"filters": named})
    for volume in volumes.get("Volumes") or []:
        await _delete(client, f"/volumes/{volume['Name']}")


async def _delete(client: DockerClient, path: str, query: Mapping[str, str] | None = None) -> None:
    """Remove what may be gone already, or be going. Raises RuntimeUnavailableError."""
    try:
        await client.call("DELETE", path, query=query)
    except EngineError as error:
        if error.status not in (NOT_FOUND, IN_CONFLICT):
            raise RuntimeUnavailableError(f"Docker does not remove {path}: {error}") from error


async def _asked(client: DockerClient, method: str, path: str, *, query: Mapping[str, str]) -> Any:
    """An answer that is there whatever exists: an engine that refuses it is not well. Raises
    RuntimeUnavailableError."""
    try:
        return await client.call(method, path, query=query)
    except EngineError as error:
        raise RuntimeUnavailableError(f"Docker does not say what is there: {error}") from error
