"""Keeps the output of Docker containers in files, where it can be read after they are gone."""

from __future__ import annotations

import asyncio
import struct
from pathlib import Path

import structlog

from tidegate.agent.docker.client import DockerClient, EngineError
from tidegate.agent.runtime import ContainerState, RuntimeUnavailableError

_BYTES_MAX = 8 * 1024 * 1024
_HEADER = struct.Struct(">BxxxL")

_log = structlog.get_logger(__name__)


class LogKeeper:
    """One follower per container; it resumes after the last line that is in the file."""

    def __init__(self, client: DockerClient, folder: Path) -> None:
        self._client = client
        self._folder = folder
        self._followers: dict[str, asyncio.Task[None]] = {}

    def keep(self, state: ContainerState) -> None:
        """Begin to follow a container's output; once per container."""
        if state.runtime_id not in self._followers and state.status != "created":
            path = self._folder / state.task_id / f"{state.name}.log"
            self._followers[state.runtime_id] = asyncio.create_task(self._follow(state.runtime_id, path))

    async def close(self) -> None:
        for follower in self._followers.values():
            follower.cancel()
        await asyncio.gather(*self._followers.values(), return_exceptions=True)

    async def _follow(self, container_id: str, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        last = _last_time(path)
        query = {"follow": "1", "stdout": "1", "stderr": "1", "timestamps": "1"}
        if last:
            query["since"] = last
        pending = b""
        try:
            async for chunk in self._client.stream("GET", f"/containers/{container_id}/logs", query):
                pending += chunk
                payload, pending = _frames(pending)
                _append(path, [line for line in payload.splitlines(keepends=True) if _time(line) > last])
        except (RuntimeUnavailableError, EngineError) as error:
            _log.info("log follower ended", container=container_id[:12], error=str(error))


def _frames(data: bytes) -> tuple[bytes, bytes]:
    """The payloads of whole frames of Docker's multiplexed stream, and what is left over."""
    payload = b""
    while len(data) >= _HEADER.size:
        _, size = _HEADER.unpack_from(data)
        if len(data) < _HEADER.size + size:
            break
        payload += data[_HEADER.size : _HEADER.size + size]
        data = data[_HEADER.size + size :]
    return payload, data


def _append(path: Path, lines: list[bytes]) -> None:
    if path.exists() and path.stat().st_size > _BYTES_MAX:
        path.replace(path.with_suffix(".log.1"))
    with path.open("ab") as file:
        file.writelines(lines)


def _time(line: bytes) -> str:
    return line.split(b" ", 1)[0].decode(errors="replace")


def _last_time(path: Path) -> str:
    """The time stamp of a file's last line, or nothing."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 8192))
            lines = file.read().splitlines()
    except FileNotFoundError:
        return ""
    return _time(lines[-1]) if lines else ""
