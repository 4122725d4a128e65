"""The websockets of control: verifies who connects, and hands the session to its conversation."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

import structlog

from tidegate.control.nodes.agents import AgentConversations
from tidegate.control.nodes.balancers import BalancerConversations
from tidegate.control.nodes.context import NodeContext
from tidegate.control.nodes.hosts import HostConversations
from tidegate.control.nodes.session import GOING_AWAY, INTERNAL_ERROR, WebSocketSession
from tidegate.control.nodes.telemetry import serve_telemetry
from tidegate.control.store import StoreFailedError
from tidegate.control.store.tables import CONTAINER_INSTANCES
from tidegate.domain.ecs import ContainerInstance, VersionInfo
from tidegate.fleet.balancing import BALANCER_PATH
from tidegate.fleet.hosting import HOST_PATH
from tidegate.fleet.hosting import SERVICE as FLEET_SERVICE
from tidegate.wire import Fault
from tidegate.wire.sigv4 import SignedRequest, authenticate

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Query = Mapping[str, str]

ACS_PATH = "/acs/ws"
TCS_PATH = "/tcs/ws"
AGENT_SERVICE = "ecs"

_log = structlog.get_logger(__name__)


class RefusedError(Exception):
    """The connection is not accepted: `name` is what Amazon's agent calls the reason."""

    def __init__(self, name: str, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.name = name
        self.status = status


class NodeApplication:
    """An ASGI application for websocket scopes. `credentials`: access key id to secret key."""

    def __init__(self, context: NodeContext, credentials: Mapping[str, str]) -> None:
        self._context = context
        self._credentials = credentials
        self.agents = AgentConversations(context)
        self.balancers = BalancerConversations(context)
        self.hosts = HostConversations(context)
        self._sessions: set[WebSocketSession] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "websocket"
        await receive()
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        try:
            self._authenticate(scope)
            serve = self._conversation(scope["path"], query)
        except RefusedError as refusal:
            _log.info("node refused", path=scope["path"], reason=refusal.name, detail=str(refusal))
            await _refuse(scope, send, refusal)
            return
        await send({"type": "websocket.accept"})
        session = WebSocketSession(receive, send)
        self._sessions.add(session)
        try:
            await serve(session)
        except* StoreFailedError:
            # The node comes back, and whatever it reported through the API it reports again.
            _log.warning("session ended: the store refuses writes", path=scope["path"])
        finally:
            self._sessions.discard(session)
            await session.close(INTERNAL_ERROR)

    async def close(self) -> None:
        """End every session in the way that has nodes look for the next process at once."""
        self.hosts.close()
        self.balancers.close()
        await self.agents.close()
        await asyncio.gather(*(session.close(GOING_AWAY) for session in self._sessions))

    def _conversation(self, path: str, query: Query) -> Callable[[WebSocketSession], Awaitable[None]]:
        if path == ACS_PATH:
            instance = self._instance(query.get("containerInstanceArn", ""))
            version = VersionInfo(
                agent_version=query.get("agentVersion", ""),
                agent_hash=query.get("agentHash", ""),
                docker_version=query.get("dockerVersion", ""),
            )
            return lambda session: self.agents.serve(session, instance, version)
        if path == TCS_PATH:
            instance = self._instance(query.get("containerInstance", ""))
            return lambda session: serve_telemetry(self._context, session, instance.arn)
        if path == BALANCER_PATH:
            return self.balancers.serve
        if path == HOST_PATH:
            return self.hosts.serve
        raise RefusedError("BadRequestException", f"There is no socket at {path}.", 404)

    def _instance(self, arn: str) -> ContainerInstance:
        row = self._context.store.snapshot.get(CONTAINER_INSTANCES, arn)
        if row is None or row.status == "INACTIVE":
            raise RefusedError("InactiveInstanceException", "The container instance is not registered.")
        return row

    def _authenticate(self, scope: Scope) -> None:
        signed = SignedRequest(
            method="GET",
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            headers={k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]},
            body=b"",
        )
        try:
            credential = authenticate(signed, self._credentials.get, self._context.clock.now())
        except Fault as fault:
            raise RefusedError("AccessDeniedException", f"{fault.code}: {fault.message}", 403) from fault
        wanted = AGENT_SERVICE if scope["path"] in (ACS_PATH, TCS_PATH) else FLEET_SERVICE
        if credential.service != wanted:
            text = f"Credential should be scoped to correct service: '{wanted}'."
            raise RefusedError("AccessDeniedException", text, 403)


async def _refuse(scope: Scope, send: Send, refusal: RefusedError) -> None:
    """Answer the upgrade with an error in the form that Amazon's agent reads."""
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close", "code": 1008})
        return
    body = json.dumps({refusal.name: str(refusal)}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    start = {"type": "websocket.http.response.start", "status": refusal.status, "headers": headers}
    await send(start)
    await send({"type": "websocket.http.response.body", "body": body})
