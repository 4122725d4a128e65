"""Keeps the output of Docker containers in files, where it can be read after they are gone."""

from __future__ import annotations

import asyncio
import re
import struct
from datetime import UTC, datetime
from pathlib import Path

import structlog

from tidegate.agent.awslogs.files import rotate
from tidegate.agent.docker.client import DockerClient, EngineError
from tidegate.agent.log_folders import is_removed
from tidegate.agent.runtime import ContainerState, RuntimeUnavailableError

_BYTES_MAX = 8 * 1024 * 1024
_HEADER = struct.Struct(">BxxxL")
_STAMP = re.compile(rb"\d{4}-\d\d-\d\dT[\d:.]+Z ")
# The engine splits lines of more than 16 KiB.
_TAIL_BYTES = 64 * 1024

_log = structlog.get_logger(__name__)


class LogKeeper:
    """One follower per container; it resumes after the last line that is in the file."""

    def __init__(self, client: DockerClient, folder: Path) -> None:
        self._client = client
        self._folder = folder
        self._followers: dict[str, asyncio.Task[bool]] = {}
        self._finished: set[str] = set()

    def keep(self, state: ContainerState, files_max: int) -> None:
        """Follow a container's output into so many files, unless it is followed; once more after its end, for
        what came last."""
        follower = self._followers.get(state.runtime_id)
        if state.status == "created" or (follower is not None and not follower.done()):
            return
        if state.runtime_id in self._finished:
            return
        path = self._folder / state.task_id / f"{state.name}.log"
        if is_removed(path.parent):
            return
        follower = asyncio.create_task(self._follow(state.runtime_id, path, files_max))
        self._followers[state.runtime_id] = follower
        if state.status == "stopped":
            follower.add_done_callback(lambda done: self._finish(state.runtime_id, done))

    def _finish(self, runtime_id: str, follower: asyncio.Task[bool]) -> None:
        if not follower.cancelled() and follower.exception() is None and follower.result():
            self._finished.add(runtime_id)

    async def close(self) -> None:
        for follower in self._followers.values():
            follower.cancel()
        await asyncio.gather(*self._followers.values(), return_exceptions=True)

    async def _follow(self, container_id: str, path: Path, files_max: int) -> bool:
        """Write what comes until the container or the engine ends; whether all of it came."""
        path.parent.mkdir(parents=True, exist_ok=True)
        last = _last_time(path, files_max)
        query = {"follow": "1", "stdout": "1", "stderr": "1", "timestamps": "1"}
        if last:
            query["since"] = _since(last)
        pending = b""
        try:
            async for chunk in self._client.stream("GET", f"/containers/{container_id}/logs", query):
                pending += chunk
                payload, pending = _frames(pending)
                _append(path, [line for line in _lines(payload) if _time(line) > last], files_max)
        except (RuntimeUnavailableError, EngineError) as error:
            _log.info("log follower ended", container=container_id[:12], error=str(error))
            return False
        return True


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


def _append(path: Path, lines: list[bytes], files_max: int) -> None:
    if lines and path.exists() and path.stat().st_size > _BYTES_MAX:
        rotate(path, files_max)
    with path.open("ab") as file:
        file.writelines(lines)


def _lines(payload: bytes) -> list[bytes]:
    """The lines with their ends. A carriage return is a part of a line: progress bars are full of them."""
    *whole, rest = payload.split(b"\n")
    return [line + b"\n" for line in whole] + ([rest] if rest else [])


def _time(line: bytes) -> str:
    return line.split(b" ", 1)[0].decode(errors="replace")


def _since(stamp: str) -> str:
    """Docker prints times as text, and takes them as seconds."""
    try:
        moment, _, fraction = stamp.removesuffix("Z").partition(".")
        seconds = int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return "0"
    return f"{seconds}.{fraction or '0'}"


def _last_time(path: Path, files_max: int) -> str:
    """The time stamp of a log's last line, or nothing. After a rotation that a full disk has cut off it is in
    an older file."""
    files = [path, *(path.with_name(f"{path.name}.{number}") for number in range(1, files_max))]
    return next((stamp for file in files if (stamp := _last_time_in(file))), "")


def _last_time_in(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
            lines = file.read().split(b"\n")
    except FileNotFoundError:
        return ""
    return next((_time(line) for line in reversed(lines) if _STAMP.match(line)), "")
