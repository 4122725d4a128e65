"""The ACS session: orders from control, acknowledged one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp
import msgspec

from tidegate import __version__
from tidegate.agent.api import EcsApi
from tidegate.agent.engine import Engine
from tidegate.agent.ledger import Ledger
from tidegate.agent.payload import TaskPayload
from tidegate.agent.settings import AgentSettings
from tidegate.agent.sockets import SILENCE_SECONDS_MAX, SessionRecord, connected, persistently


class AcsSession:
    """Connects, follows orders, reconnects; until cancelled."""

    def __init__(
        self,
        settings: AgentSettings,
        session: aiohttp.ClientSession,
        api: EcsApi,
        ledger: Ledger,
        engine: Engine,
    ) -> None:
        self._settings = settings
        self._session = session
        self._api = api
        self._ledger = ledger
        self._engine = engine
        self._is_first = True
        self.record = SessionRecord()

    async def run(self, endpoint: str) -> None:
        """`endpoint`: what DiscoverPollEndpoint gave."""
        url = endpoint.rstrip("/") + "/ws"
        await persistently("acs", lambda: self._follow(url))

    async def _follow(self, url: str) -> None:
        query = [
            ("agentHash", "tidegate"),
            ("agentVersion", __version__),
            ("clusterArn", self._settings.cluster),
            ("containerInstanceArn", self._ledger.container_instance_arn),
            ("dockerVersion", f"DockerVersion: {self._settings.runtime}"),
            ("protocolVersion", "2"),
            ("seqNum", "1"),
            ("sendCredentials", "true" if self._is_first else "false"),
        ]
        async with connected(self._session, self._api, url, query, self.record) as socket:
            self._is_first = False
            while True:
                frame = await socket.receive(timeout=SILENCE_SECONDS_MAX)
                if frame.type is not aiohttp.WSMsgType.TEXT:
                    return
                for kind, message in self._answers(frame.json()):
                    await socket.send_json({"type": kind, "message": message})

    def _answers(self, frame: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        """Carry out one frame; what to answer."""
        kind, message = frame.get("type"), frame.get("message", {})
        identifier = message.get("messageId", "")
        acknowledgement = {
            "cluster": message.get("clusterArn", ""),
            "containerInstance": message.get("containerInstanceArn", ""),
            "messageId": identifier,
        }
        if kind == "HeartbeatMessage":
            return [("HeartbeatAckRequest", {"messageId": identifier})]
        if kind == "PayloadMessage":
            self._take(message)
            return [("AckRequest", acknowledgement)]
        if kind == "TaskManifestMessage":
            return self._compare(message, acknowledgement)
        if kind == "TaskStopVerificationAck":
            for task in message.get("stopTasks") or []:
                self._stop(task["taskArn"])
        return []

    def _take(self, message: Mapping[str, Any]) -> None:
        tasks = []
        for document in message.get("tasks") or []:
            try:
                tasks.append(msgspec.convert(document, TaskPayload))
            except msgspec.ValidationError as error:
                # Sent again it would be no better: control has to hear that it does not run.
                self._engine.refuse(str(document.get("arn", "")), f"UnrecognizedTaskError: {error}")
        # Stops first, so that what they free is there for what starts.
        for task in sorted(tasks, key=lambda t: t.desired_status != "STOPPED"):
            self._engine.accept(task)

    def _compare(
        self, message: Mapping[str, Any], acknowledgement: dict[str, Any]
    ) -> list[tuple[str, dict[str, Any]]]:
        """Tasks that we run and control does not want: asked about before they are stopped."""
        timeline = int(message.get("timeline", 0))
        if timeline <= self._ledger.sequence:
            return []
        self._ledger.identify(self._ledger.container_instance_arn, timeline)
        wanted = {t["taskArn"] for t in message.get("tasks") or [] if t["desiredStatus"] == "RUNNING"}
        candidates = [
            {"taskArn": arn, "taskClusterArn": self._settings.cluster, "desiredStatus": "STOPPED"}
            for arn, record in self._ledger.records.items()
            if record.is_wanted and record.reported != "STOPPED" and arn not in wanted
        ]
        answers = [("AckRequest", acknowledgement)]
        if candidates:
            answers.append(
                (
                    "TaskStopVerificationMessage",
                    {"messageId": message.get("messageId", ""), "stopCandidates": candidates},
                )
            )
        return answers

    def _stop(self, arn: str) -> None:
        record = self._ledger.records.get(arn)
        if record is not None:
            self._engine.accept(TaskPayload(arn=arn, desired_status="STOPPED"))
