"""The supervisor's session with control: keeps one agent for each virtual instance of this host."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import aiohttp
import msgspec

from tidegate.cli.instances import agent_name, end_instance, remove_containers
from tidegate.cli.parts import Part, credentials
from tidegate.cli.places import Places
from tidegate.cli.settings import Settings
from tidegate.cli.supervisor import Supervisor
from tidegate.fleet.hosting import HOST_PATH, HostDocument, HostReport, VirtualInstance
from tidegate.fleet.session import ControlAccess, Frame, Session, SessionState, frame_of

_REPORT_EVERY_SECONDS = 2.0


class HostSession:
    """Follows control's host documents until cancelled; control may come and go."""

    def __init__(
        self,
        data_dir: Path,
        settings: Settings,
        supervisor: Supervisor,
        tell: Callable[[str], None],
    ) -> None:
        self._data_dir = data_dir
        self._settings = settings
        self._supervisor = supervisor
        self._tell = tell
        self._generation = -1
        self._wanted: dict[str, VirtualInstance] = {}

    async def run(self) -> None:
        settings = self._settings
        access = ControlAccess(
            url=settings.url,
            region=settings.region,
            access_key=settings.access_key,
            secret_key=settings.secret_key,
        )
        await Session(access, HOST_PATH, self._converse, self._tell_state).run()

    def _tell_state(self, state: SessionState, reason: str) -> None:
        # What runs goes on running, whatever the state.
        self._tell(f"session with control: {state.value}" + (f" ({reason})" if reason else ""))

    async def _converse(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        # A control that lost its database would count from the start again.
        self._generation = -1
        while True:
            try:
                frame = await socket.receive(timeout=_REPORT_EVERY_SECONDS)
            except TimeoutError:
                frame = None
            if frame is not None:
                if frame.type is not aiohttp.WSMsgType.TEXT:
                    return
                await self._follow(msgspec.json.decode(frame.data, type=Frame))
            await socket.send_str(frame_of(self._report()))

    async def _follow(self, frame: Frame) -> None:
        if frame.type != "HostDocument":
            return
        document = msgspec.json.decode(frame.message, type=HostDocument)
        if document.generation < self._generation:
            return
        self._generation = document.generation
        self._wanted = {instance.instance_id: instance for instance in document.instances}
        for instance in document.instances:
            # Before its agent, so that it is found and ended even when it is terminated at once.
            Places(self._data_dir).instance(instance.instance_id).mkdir(
                mode=0o700, parents=True, exist_ok=True
            )
            if not self._is_killed(instance.instance_id):
                self._supervisor.keep(self._part(instance))
        await asyncio.gather(*(self._end(instance_id) for instance_id in self._unwanted()))

    def _unwanted(self) -> list[str]:
        """Instances that run here, or ran in an earlier life, and that nobody wants any more."""
        folder = Places(self._data_dir).instances
        if not folder.is_dir():
            return []
        return [path.name for path in folder.iterdir() if path.name not in self._wanted and _is_live(path)]

    async def _end(self, instance_id: str) -> None:
        self._tell(f"instance {instance_id} ends")
        await self._supervisor.drop(agent_name(instance_id))
        await asyncio.to_thread(end_instance, self._data_dir, instance_id)
        await asyncio.to_thread(remove_containers, self._data_dir, instance_id)
        (Places(self._data_dir).instance(instance_id) / "ended").touch()

    def _is_killed(self, instance_id: str) -> bool:
        is_killed = Places(self._data_dir).killed(instance_id).exists()
        if is_killed:
            self._supervisor.abandon(agent_name(instance_id))
        return is_killed

    def _report(self) -> HostReport:
        killed = tuple(name for name in self._wanted if self._is_killed(name))
        running = tuple(
            name
            for name in self._wanted
            if name not in killed and agent_name(name) in self._supervisor.running
        )
        return HostReport(generation=self._generation, running=running, killed=killed)

    def _part(self, instance: VirtualInstance) -> Part:
        places, settings = Places(self._data_dir), self._settings
        options = {
            "data-dir": str(places.instance(instance.instance_id)),
            "images": str(places.images),
            "endpoint": settings.url,
            "cluster": instance.cluster_name,
            "instance-id": instance.instance_id,
            "address": instance.address,
            "availability-zone": instance.availability_zone,
            "instance-type": instance.instance_type,
            "cpu": str(instance.cpu),
            "memory": str(instance.memory_mib),
            "runtime": settings.runtime,
        }
        command = [sys.executable, "-m", "tidegate.cli.main", "agent"]
        for name, value in options.items():
            command += [f"--{name}", value]
        return Part(
            name=agent_name(instance.instance_id),
            command=command,
            environment=credentials(settings),
            unless=places.killed(instance.instance_id),
        )


def _is_live(folder: Path) -> bool:
    return folder.is_dir() and not (folder / "ended").exists()
