"""`GET /console/changes`: the names of resources that change, as they do (server-sent events).

Signed for the service `tidegate` like the other pages. The first event, `hello`, says since when this
process answers, and for which region and account; then `change` carries {kind: [ARN or id, ...]} of what
durable commits touched, at most four times a second; `null` instead of names says "many". A comment every
few seconds shows that the line is alive.

A signal, not a source of truth: who reads it asks the APIs. A reader that is slow, or was away, loses
nothing but time, since a name stands for any number of changes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from tidegate.control.pages import Receive, Scope, Send, answer, check_signature
from tidegate.control.settings import RegionSettings
from tidegate.control.store import Changes, Store
from tidegate.control.store.tables import (
    ALARM_HISTORY,
    CERTIFICATES,
    CLUSTERS,
    COMPOSITE_ALARMS,
    CONTAINER_INSTANCES,
    INSTANCES,
    KEY_PAIRS,
    LISTENERS,
    LOAD_BALANCERS,
    LOG_GROUPS,
    METRIC_ALARMS,
    RULES,
    SCALABLE_TARGETS,
    SCALING_ACTIVITIES,
    SCALING_POLICIES,
    SCHEDULED_ACTIONS,
    SECURITY_GROUPS,
    SERVICE_DEPLOYMENTS,
    SERVICE_EVENTS,
    SERVICES,
    SHIFTS,
    SUBNETS,
    TARGET_GROUPS,
    TARGET_HEALTH,
    TARGETS,
    TASK_DEFINITIONS,
    TASKS,
    VPCS,
)
from tidegate.domain.time import Clock
from tidegate.wire import Fault

GATHER_SECONDS = 0.25
ALIVE_SECONDS = 5.0
# A page asks for a hundred resources in one call. With more names than these it asks for the whole.
NAMES_MAX = 1000
READERS_MAX = 100

Name = Callable[[Any], str | None]

# Table to the kind of resource that its rows belong to, and the name of that resource in a row.
_KINDS: Mapping[str, tuple[str, Name]] = {
    ALARM_HISTORY.name: ("alarm", lambda row: row.alarm_name),
    CERTIFICATES.name: ("certificate", lambda row: row.arn),
    CLUSTERS.name: ("cluster", lambda row: row.arn),
    COMPOSITE_ALARMS.name: ("alarm", lambda row: row.name),
    CONTAINER_INSTANCES.name: ("container-instance", lambda row: row.arn),
    INSTANCES.name: ("instance", lambda row: row.id),
    KEY_PAIRS.name: ("key-pair", lambda row: row.name),
    LISTENERS.name: ("listener", lambda row: row.arn),
    LOAD_BALANCERS.name: ("load-balancer", lambda row: row.arn),
    LOG_GROUPS.name: ("log-group", lambda row: row.name),
    METRIC_ALARMS.name: ("alarm", lambda row: row.name),
    RULES.name: ("rule", lambda row: row.arn),
    SCALABLE_TARGETS.name: ("scaling", lambda row: row.resource_id),
    SCALING_ACTIVITIES.name: ("scaling", lambda row: row.resource_id),
    SCALING_POLICIES.name: ("scaling", lambda row: row.resource_id),
    SCHEDULED_ACTIONS.name: ("scaling", lambda row: row.resource_id),
    SECURITY_GROUPS.name: ("security-group", lambda row: row.id),
    SERVICES.name: ("service", lambda row: row.arn),
    SERVICE_DEPLOYMENTS.name: ("service-deployment", lambda row: row.service_arn),
    SERVICE_EVENTS.name: ("service", lambda row: row.service_arn),
    SHIFTS.name: ("shift", lambda row: row.rule_arn),
    SUBNETS.name: ("subnet", lambda row: row.id),
    TARGET_GROUPS.name: ("target-group", lambda row: row.arn),
    TARGETS.name: ("target-health", lambda row: row.target_group_arn),
    TARGET_HEALTH.name: ("target-health", lambda row: row.target_group_arn),
    TASKS.name: ("task", lambda row: row.arn),
    TASK_DEFINITIONS.name: ("task-definition", lambda row: row.arn),
    VPCS.name: ("vpc", lambda row: row.id),
}

# What is shown of a row in resources above it, as a service's and a cluster's numbers of tasks: they are told
# of by name too, so that a page need not ask for all of them.
_ABOVE: Mapping[str, tuple[tuple[str, Name], ...]] = {
    CONTAINER_INSTANCES.name: (("cluster", lambda row: row.cluster_arn),),
    SERVICES.name: (("cluster", lambda row: row.cluster_arn),),
    TASKS.name: (
        ("cluster", lambda row: row.cluster_arn),
        ("container-instance", lambda row: row.container_instance_arn),
        ("service", lambda row: row.service_arn),
    ),
}


def names(changes: Changes) -> Iterator[tuple[str, str]]:
    """Kind and name of every resource that a commit touched, itself or below, and that a page may show."""
    for change in changes:
        table = change.table.name
        if table in _KINDS:
            row = change.new if change.new is not None else change.old
            for kind, name_of in (_KINDS[table], *_ABOVE.get(table, ())):
                name = name_of(row)
                if name is not None:
                    yield kind, name


class _Reader:
    """What one reader has not been told yet."""

    def __init__(self) -> None:
        self._names: dict[str, set[str] | None] = {}
        self.is_closed = False
        self.has_news = asyncio.Event()

    def tell(self, changes: Changes) -> None:
        for kind, name in names(changes):
            known = self._names.setdefault(kind, set())
            if known is not None:
                known.add(name)
                if len(known) > NAMES_MAX:
                    self._names[kind] = None
            self.has_news.set()

    def take(self) -> dict[str, list[str] | None]:
        taken, self._names = self._names, {}
        self.has_news.clear()
        return {kind: None if known is None else sorted(known) for kind, known in taken.items()}


class ChangeStream:
    """An ASGI application for `GET /console/changes`."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        credentials: Mapping[str, str],
        settings: RegionSettings,
        started_at: datetime,
    ) -> None:
        self._store = store
        self._clock = clock
        self._credentials = credentials
        self._hello = {
            "startedAt": started_at.isoformat(),
            "region": settings.region,
            "account": settings.account,
        }
        self._readers: set[_Reader] = set()
        store.subscribe(self._tell)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            key = check_signature(scope, self._credentials, self._clock.now())
        except Fault as fault:
            await answer(send, fault.status or 403, "text/plain", f"{fault}\n".encode())
            return
        if len(self._readers) >= READERS_MAX:
            await answer(send, 503, "text/plain", b"Too many readers.\n")
            return
        reader = _Reader()
        self._readers.add(reader)
        # Both ends of a line: whoever leaves is noticed although nothing is sent.
        left = asyncio.create_task(_left(receive))
        stream = asyncio.create_task(self._stream(reader, send, key.expires_at))
        try:
            await asyncio.wait((left, stream), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._readers.discard(reader)
            for job in (left, stream):
                job.cancel()
            await asyncio.gather(left, stream, return_exceptions=True)

    def close(self) -> None:
        """End every line: a server that stops waits for them."""
        for reader in self._readers:
            reader.is_closed = True
            reader.has_news.set()

    def _tell(self, changes: Changes) -> None:
        for reader in self._readers:
            reader.tell(changes)

    async def _stream(self, reader: _Reader, send: Send, expires_at: datetime | None) -> None:
        headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await _write(send, _event("hello", self._hello))
        # A line ends with the session that opened it.
        while not self._is_over(reader, expires_at):
            try:
                async with asyncio.timeout(ALIVE_SECONDS):
                    await reader.has_news.wait()
            except TimeoutError:
                await _write(send, b": alive\n\n")
                continue
            if self._is_over(reader, expires_at):
                break
            await _write(send, _event("change", reader.take()))
            await asyncio.sleep(GATHER_SECONDS)
        await send({"type": "http.response.body", "body": b""})

    def _is_over(self, reader: _Reader, expires_at: datetime | None) -> bool:
        has_expired = expires_at is not None and expires_at <= self._clock.now()
        return reader.is_closed or has_expired


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _write(send: Send, content: bytes) -> None:
    await send({"type": "http.response.body", "body": content, "more_body": True})


def _event(name: str, data: Any) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()
