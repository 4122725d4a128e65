"""Containers as process groups, each held by a shim that outlives the agent.

A container has a folder CONTAINERS/TASK/NAME: its specification, the shim's lock, and how it runs or
ended. An agent that comes back reads these; the lock tells whether the shim lives. Limits of CPU and
memory are reserved by placement but not enforced: there is nothing here to enforce them with.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tidegate.agent.awslogs.options import log_files_max
from tidegate.agent.decisions.usage import Usage
from tidegate.agent.payload import ContainerPayload, TaskPayload
from tidegate.agent.process import images
from tidegate.agent.process.health import HealthChecks
from tidegate.agent.process.shim import identity
from tidegate.agent.process.usage import usage_by_session
from tidegate.agent.runtime import Binding, ContainerState, RuntimeFault, RuntimeUnavailableError
from tidegate.agent.settings import AgentSettings

_SHIM = Path(__file__).with_name("shim.py")
_LOG_BYTES_MAX = 8 * 1024 * 1024
_KILLED = 137
_KILL_SECONDS = 10.0
_LOOK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class _Held:
    """What the folder of a container says."""

    folder: Path
    task_id: str
    name: str

    def document(self, name: str) -> Mapping[str, Any] | None:
        with contextlib.suppress(FileNotFoundError, ValueError):
            document: Mapping[str, Any] = json.loads((self.folder / name).read_text())
            return document
        return None

    @property
    def is_held(self) -> bool:
        """Whether the shim lives."""
        try:
            descriptor = os.open(self.folder / "lock", os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False


class ProcessRuntime:
    name = "process"

    def __init__(self, settings: AgentSettings) -> None:
        self._settings = settings
        self._root = settings.data_dir / "containers"
        self._on_change: Callable[[str], None] = lambda _: None
        self._watched: dict[int, int] = {}
        self._checks = HealthChecks(lambda task_id: self._on_change(task_id))

    async def open(self, on_change: Callable[[str], None]) -> None:
        self._on_change = on_change
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        for held in self._all():
            running = held.document("running.json")
            if running is not None and held.is_held:
                self._watch(int(running["shim"]), held.task_id)
                self._check(held, running)

    async def close(self) -> None:
        await self._checks.close()
        loop = asyncio.get_running_loop()
        for descriptor in self._watched.values():
            loop.remove_reader(descriptor)
            os.close(descriptor)
        self._watched.clear()

    async def containers(self, task_id: str | None = None) -> dict[tuple[str, str], ContainerState]:
        held = self._all() if task_id is None else self._of_task(task_id)
        return {(one.task_id, one.name): self._state(one) for one in held}

    async def start(self, task: TaskPayload, container: ContainerPayload) -> None:
        held = self._held(task.id, container.name)
        if held.document("running.json") is not None or held.document("exit.json") is not None:
            return
        specification = self._specification(task, container)
        try:
            _make_folders(container, Path(specification["log"]).parent)
            held.folder.mkdir(parents=True, exist_ok=True)
            (held.folder / "spec.json").write_text(json.dumps(specification))
            shim = _spawn(held.folder)
        except OSError as error:
            raise RuntimeFault(f"CannotCreateContainerError: {error}") from error
        self._watch(shim.pid, task.id)
        for _ in range(1000):
            running = held.document("running.json")
            if running is not None:
                self._check(held, running)
                return
            if shim.poll() is not None and not held.is_held:
                break
            await asyncio.sleep(0.005)
        if held.document("running.json") is not None or held.document("exit.json") is not None:
            return
        if held.is_held or shim.poll() is None:
            # It may start yet: to call that a failure would leave a process that nobody stops.
            raise RuntimeUnavailableError("the machine is too busy to start a process")
        raise RuntimeFault("CannotStartContainerError: the process did not start")

    async def stop(self, task_id: str, name: str, timeout_seconds: float) -> None:
        held = self._held(task_id, name)
        running = await _running(held)
        if running is None:
            return
        _signal_group(running, signal.SIGTERM)
        await _end_of(held, timeout_seconds)
        # Also what the container's first process left behind in its group.
        _signal_group(running, signal.SIGKILL)
        await _end_of(held, _KILL_SECONDS)

    async def usage(self) -> dict[tuple[str, str], Usage]:
        groups = {
            int(running["pid"]): (held.task_id, held.name)
            for held in self._all()
            if held.is_held and (running := held.document("running.json")) is not None
        }
        found = await asyncio.to_thread(usage_by_session, set(groups)) if groups else {}
        return {groups[pid]: usage for pid, usage in found.items()}

    async def remove(self, task_id: str) -> None:
        shutil.rmtree(self._root / task_id, ignore_errors=True)

    def _held(self, task_id: str, name: str) -> _Held:
        return _Held(self._root / task_id / name, task_id, name)

    def _all(self) -> Iterator[_Held]:
        for task in self._root.iterdir():
            yield from self._of_task(task.name)

    def _of_task(self, task_id: str) -> Iterator[_Held]:
        with contextlib.suppress(FileNotFoundError):
            for folder in (self._root / task_id).iterdir():
                yield _Held(folder, task_id, folder.name)

    def _state(self, held: _Held) -> ContainerState:
        running, ended = held.document("running.json"), held.document("exit.json")
        specification = held.document("spec.json") or {}
        state = ContainerState(
            task_id=held.task_id,
            name=held.name,
            status="created",
            runtime_id=f"{self._settings.instance_id}-{held.task_id[:12]}-{held.name}",
            health=self._checks.status((held.task_id, held.name)),
            bindings=tuple(Binding(**binding) for binding in specification.get("bindings", ())),
        )
        if ended is not None:
            return _with(state, status="stopped", exit_code=int(ended["exit_code"]))
        if running is None:
            return state
        if not held.is_held and held.document("exit.json") is None:
            # The shim was killed: nobody watches the container any more, so it has to go.
            _signal_group(running, signal.SIGKILL)
            _end_rotation(str(specification.get("log", "")))
            return _with(state, status="stopped", exit_code=_KILLED)
        return _with(state, status="running")

    def _check(self, held: _Held, running: Mapping[str, Any]) -> None:
        self._checks.watch((held.task_id, held.name), held.folder, float(running["at"]), lambda: held.is_held)

    def _watch(self, pid: int, task_id: str) -> None:
        """Call back when a shim ends."""
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            self._on_change(task_id)
            return
        loop = asyncio.get_running_loop()

        def ended() -> None:
            loop.remove_reader(descriptor)
            os.close(descriptor)
            self._watched.pop(pid, None)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            self._on_change(task_id)

        self._watched[pid] = descriptor
        loop.add_reader(descriptor, ended)

    def _specification(self, task: TaskPayload, container: ContainerPayload) -> dict[str, Any]:
        """The shim's orders; raises RuntimeFault for what a process cannot be."""
        _refuse_impossible(task, container)
        found = images.find(self._settings.images, container.image)
        if found is None:
            raise RuntimeFault(
                f"CannotPullContainerError: there is no image {container.image} on this host, and the "
                "process runtime pulls none: build it with `tidegate image build`"
            )
        image, folder = found
        entry_point = container.entry_point if container.entry_point is not None else image.entry_point
        command = container.command if container.command is not None else image.command
        bindings = [
            Binding(
                bind_ip=self._settings.address,
                container_port=mapping.container_port,
                host_port=mapping.host_port,
                protocol=mapping.protocol,
            )
            for mapping in container.port_mappings
        ]
        directory = container.config.get("WorkingDir") or image.directory or "."
        return {
            "command": [*entry_point, *command],
            "environment": self._environment(task, container, image, folder, bindings),
            "directory": str(folder / "root" / str(directory).lstrip("/")),
            "log": str(self._settings.data_dir / "logs" / task.id / f"{container.name}.log"),
            "log_bytes_max": _LOG_BYTES_MAX,
            "log_files_max": log_files_max(container),
            "health_check": container.config.get("Healthcheck"),
            "bindings": [
                {
                    "bind_ip": b.bind_ip,
                    "container_port": b.container_port,
                    "host_port": b.host_port,
                    "protocol": b.protocol,
                }
                for b in bindings
            ],
        }

    def _environment(
        self,
        task: TaskPayload,
        container: ContainerPayload,
        image: images.Image,
        folder: Path,
        bindings: list[Binding],
    ) -> dict[str, str]:
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(folder / "root"),
            "LANG": "C.UTF-8",
            "HOSTNAME": str(container.config.get("Hostname") or task.id[:12]),
            "AWS_REGION": self._settings.region,
            "AWS_DEFAULT_REGION": self._settings.region,
            "HOST": self._settings.address,
            **image.environment,
            **container.environment,
        }
        if image.path:
            environment["PATH"] = f"{folder / image.path}:{environment['PATH']}"
        if bindings:
            environment["PORT"] = str(bindings[0].host_port)
        environment |= {f"PORT_{b.container_port}": str(b.host_port) for b in bindings}
        return environment


def _spawn(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-S", "-E", str(_SHIM), str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={},
    )


async def _running(held: _Held) -> Mapping[str, Any] | None:
    """What runs in the folder of a container that is to stop; None where nothing does or will."""
    if held.document("running.json") is None and held.folder.is_dir():
        # A shim that has not forked yet takes this for an end, and starts nothing.
        ended = {"exit_code": _KILLED}
        if held.document("exit.json") is None and not held.is_held:
            (held.folder / "exit.json").write_text(json.dumps(ended))
        for _ in range(int(_KILL_SECONDS / _LOOK_SECONDS)):
            if not held.is_held or held.document("running.json") is not None:
                break
            await asyncio.sleep(_LOOK_SECONDS)
    return held.document("running.json")


async def _end_of(held: _Held, timeout_seconds: float) -> None:
    """Return when the shim is gone, or after the timeout. A lock has no event to wait for."""
    for _ in range(int(timeout_seconds / _LOOK_SECONDS) + 1):
        if not held.is_held:
            return
        await asyncio.sleep(_LOOK_SECONDS)


def _refuse_impossible(task: TaskPayload, container: ContainerPayload) -> None:
    """Raise RuntimeFault for what the definition asks and a process cannot have."""
    sources = {volume.name: volume.host.source_path for volume in task.volumes}
    mounts = [m for m in container.mount_points if sources.get(m.source_volume) != m.container_path]
    host_config = container.host_config
    rules = (
        (bool(container.links), "links"),
        (bool(mounts), "mounts whose container path is not their host path"),
        (any(mount.read_only for mount in container.mount_points), "read-only mounts"),
        (bool(host_config.get("Privileged")), "privileged containers"),
        (bool(host_config.get("ReadonlyRootfs")), "read-only root file systems"),
        (bool(container.config.get("User")), "users of a container's own"),
        (host_config.get("NetworkMode") == "none", "network mode none"),
    )
    for applies, what in rules:
        if applies:
            raise RuntimeFault(f"CannotCreateContainerError: the process runtime has no {what}: use Docker")


def _make_folders(container: ContainerPayload, logs: Path) -> None:
    for path in (logs, *(Path(mount.container_path) for mount in container.mount_points)):
        path.mkdir(parents=True, exist_ok=True)


def _with(state: ContainerState, *, status: str, exit_code: int | None = None) -> ContainerState:
    return replace(state, status=status, exit_code=exit_code)


def _end_rotation(log: str) -> None:
    """A shim that was killed between two files of a log left none that is the newest: readers look for it."""
    if os.path.exists(f"{log}.1") and not os.path.exists(log):
        # On a full disk the next look does it.
        with contextlib.suppress(OSError):
            Path(log).touch(mode=0o600)


def _signal_group(running: Mapping[str, Any], number: int) -> None:
    """Signal a container's process group; nobody else's that has its number since: numbers are given out
    again, after a restart of the machine from the first one on."""
    pid = int(running["pid"])
    found = identity(pid)
    # A first process that is gone may have left others behind; while they live its number is not reused.
    if found["boot"] == running["boot"] and found["tick"] in ("", running["tick"]):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, number)


def end_all(data_dir: Path, timeout_seconds: float) -> None:
    """Stop every container of an instance whose agent is gone: SIGTERM, SIGKILL after the timeout (at
    once when it is 0)."""
    root = data_dir / "containers"
    held = [
        _Held(folder, task.name, folder.name)
        for task in (root.iterdir() if root.is_dir() else ())
        for folder in task.iterdir()
    ]
    alive = [(h, r) for h in held if h.is_held and (r := h.document("running.json")) is not None]
    if timeout_seconds > 0:
        _end_politely(alive, timeout_seconds)
    for _, running in alive:
        _signal_group(running, signal.SIGKILL)


def _end_politely(alive: list[tuple[_Held, Mapping[str, Any]]], timeout_seconds: float) -> None:
    for _, running in alive:
        _signal_group(running, signal.SIGTERM)
    deadline = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline and any(held.is_held for held, _ in alive):
        time.sleep(0.02)
