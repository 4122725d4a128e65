"""The TCS session: the health of containers that have a health check, and what containers use.

Both are published every 20 seconds, as Amazon's agent does. A health that changes is published at once:
deploys wait for it. Nothing of this is kept for later: a new session begins with what is true then.
"""

from __future__ import annotations

import asyncio
import json
from time import monotonic, time
from typing import Any

import aiohttp
import structlog

from tidegate import __version__
from tidegate.agent.api import EcsApi
from tidegate.agent.decisions.usage import Usage, measured
from tidegate.agent.engine import Engine
from tidegate.agent.ledger import Ledger, Record
from tidegate.agent.runtime import Runtime, RuntimeUnavailableError
from tidegate.agent.settings import AgentSettings
from tidegate.agent.sockets import SILENCE_SECONDS_MAX, SessionRecord, connected, path_of, persistently
from tidegate.fleet import tcs

_log = structlog.get_logger(__name__)

Place = tuple[str, str]


class Telemetry:
    """Connects, publishes, reconnects; until cancelled."""

    def __init__(
        self,
        settings: AgentSettings,
        session: aiohttp.ClientSession,
        api: EcsApi,
        ledger: Ledger,
        engine: Engine,
        runtime: Runtime,
    ) -> None:
        self._settings = settings
        self._session = session
        self._api = api
        self._ledger = ledger
        self._engine = engine
        self._runtime = runtime
        self._woken = asyncio.Event()
        self._since: dict[Place, tuple[str, float]] = {}
        self._used: dict[Place, Usage] = {}
        self._used_at = 0.0
        self.record = SessionRecord()

    def wake(self) -> None:
        """The health of some container may have changed."""
        self._woken.set()

    async def run(self, endpoint: str) -> None:
        """`endpoint`: what DiscoverPollEndpoint gave for telemetry."""
        url = endpoint.rstrip("/") + "/ws"
        await persistently("tcs", lambda: self._follow(url))

    async def _follow(self, url: str) -> None:
        query = [
            ("agentHash", "tidegate"),
            ("agentVersion", __version__),
            ("cluster", self._settings.cluster),
            ("containerInstance", self._ledger.container_instance_arn),
            ("dockerVersion", self._settings.runtime),
        ]
        async with connected(self._session, self._api, url, query, self.record) as socket:
            jobs = [
                asyncio.create_task(self._publish(socket, url, query)),
                asyncio.create_task(_read(socket)),
            ]
            try:
                done, _ = await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
                for job in done:
                    job.result()
            finally:
                for job in jobs:
                    job.cancel()
                await asyncio.gather(*jobs, return_exceptions=True)

    async def _publish(self, socket: Any, url: str, query: list[tuple[str, str]]) -> None:
        published: list[tcs.TaskHealth] = []
        due = 0.0
        while True:
            self._woken.clear()
            health, now = self._health(), monotonic()
            is_due = now >= due
            frames = []
            if is_due or health != published:
                frames += tcs.health_messages(self._sender(), self._api.new_id(), health, time())
                published = health
            if is_due:
                used = await self._metrics()
                frames += tcs.metrics_messages(self._sender(), self._api.new_id(), used, time())
                due = now + tcs.PUBLISH_EVERY_SECONDS
            for frame in frames:
                body = tcs.encode(frame)
                signature = self._api.signature("GET", path_of(url), query=query, body=body.encode())
                await socket.send_str(tcs.signed_frame(signature, body))
            try:
                async with asyncio.timeout(max(0.0, due - monotonic())):
                    await self._woken.wait()
            except TimeoutError:
                continue

    def _sender(self) -> tcs.Sender:
        return tcs.Sender(
            cluster=self._settings.cluster, container_instance=self._ledger.container_instance_arn
        )

    def _live(self) -> list[Record]:
        return [record for _, record in sorted(self._ledger.records.items()) if record.stopped_at is None]

    def _health(self) -> list[tcs.TaskHealth]:
        """The tasks with health checks, as they were last seen."""
        tasks = []
        for record in self._live():
            task = record.payload
            checked = [container.name for container in task.containers if container.has_health_check]
            if checked:
                containers = tuple(self._container_health((task.id, name)) for name in checked)
                tasks.append(
                    tcs.TaskHealth(
                        arn=task.arn, family=task.family, version=task.version, containers=containers
                    )
                )
        return tasks

    def _container_health(self, place: Place) -> tcs.ContainerHealth:
        state = self._engine.states.get(place)
        status = state.health if state is not None else "UNKNOWN"
        known, since = self._since.get(place, ("", 0.0))
        if known != status:
            since = time()
            self._since[place] = (status, since)
        return tcs.ContainerHealth(name=place[1], status=status, since=since)

    async def _metrics(self) -> list[tcs.TaskMetrics]:
        """What the containers of live tasks used since the last time."""
        records = self._live()
        try:
            used, now = await self._runtime.usage(), monotonic()
        except RuntimeUnavailableError as error:
            self._engine.note_unavailable(error)
            return []
        self._engine.is_answered = True
        shares = measured(self._used, used, now - self._used_at, self._settings.cpu)
        self._used, self._used_at = used, now
        alive = {record.payload.id for record in records}
        self._since = {place: since for place, since in self._since.items() if place[0] in alive}
        tasks = []
        for record in records:
            task = record.payload
            containers = tuple(
                tcs.ContainerMetrics(
                    name=c.name,
                    cpu_percent=shares[task.id, c.name].cpu_percent,
                    memory_mib=shares[task.id, c.name].memory_mib,
                )
                for c in task.containers
                if (task.id, c.name) in shares
            )
            if containers:
                tasks.append(
                    tcs.TaskMetrics(
                        arn=task.arn, family=task.family, version=task.version, containers=containers
                    )
                )
        return tasks


async def _read(socket: Any) -> None:
    """Hear control's acknowledgements, whose absence means that it is gone."""
    while True:
        frame = await socket.receive(timeout=SILENCE_SECONDS_MAX)
        if frame.type is not aiohttp.WSMsgType.TEXT:
            return
        kind = json.loads(frame.data).get("type", "")
        if not str(kind).startswith(("Ack", "Heartbeat")):
            _log.warning("telemetry answered", type=kind)
