"""Reports tasks' changes to control, each until it is acknowledged."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from time import time
from typing import Any

import structlog

from tidegate.agent.api import ApiError, EcsApi, UnreachableError
from tidegate.agent.engine import Engine
from tidegate.agent.ledger import Ledger, Record
from tidegate.agent.runtime import ContainerState

RETRY_SECONDS_MAX = 1.0

_log = structlog.get_logger(__name__)
_STATUS = {"running": "RUNNING", "stopped": "STOPPED"}


class Reports:
    """Serial per task, parallel over tasks. A report that control acknowledged is not sent again, not
    even by a later agent; one that it did not is repeated for ever, at most a second apart, so that an
    outage of control is not prolonged."""

    def __init__(self, ledger: Ledger, api: EcsApi) -> None:
        self._ledger = ledger
        self._api = api
        self._jobs: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self.engine: Engine | None = None

    @property
    def waiting(self) -> int:
        """How many tasks have something to tell that control has not acknowledged."""
        return sum(not job.done() for job in list(self._jobs.values()))

    def wake(self, arn: str) -> None:
        job = self._jobs.get(arn)
        if job is not None and not job.done():
            self._again.add(arn)
            return
        self._jobs[arn] = asyncio.create_task(self._deliver(arn))

    async def close(self) -> None:
        for job in self._jobs.values():
            job.cancel()
        await asyncio.gather(*self._jobs.values(), return_exceptions=True)

    async def _deliver(self, arn: str) -> None:
        delay = 0.05
        while True:
            self._again.discard(arn)
            record = self._ledger.records.get(arn)
            if record is None or record.reported == "STOPPED":
                return
            status, containers = self._present(record)
            if (status, containers) == (record.reported, record.reported_containers):
                if arn in self._again:
                    continue
                return
            try:
                await self._api.call("SubmitTaskStateChange", self._request(record, status))
            except UnreachableError:
                await asyncio.sleep(delay)
                delay = min(RETRY_SECONDS_MAX, delay * 2)
                continue
            except ApiError as error:
                if not error.is_final:
                    await asyncio.sleep(RETRY_SECONDS_MAX)
                    continue
                _log.warning("report refused", task=record.payload.id, error=str(error))
            record.reported, record.reported_containers = status, containers
            self._ledger.save(record)
            _log.info("reported", task=record.payload.id, status=status)

    def _present(self, record: Record) -> tuple[str, dict[str, str]]:
        assert self.engine is not None
        status = self.engine.decide(record).status
        if record.reported == "RUNNING" and status == "PENDING":
            status = "RUNNING"
        containers = {c.name: self._fingerprint(record, c.name) for c in record.payload.containers}
        # A task that is only pending has nothing to tell.
        return (status, containers) if status != "PENDING" else (record.reported, record.reported_containers)

    def _fingerprint(self, record: Record, name: str) -> str:
        state = self._state(record, name)
        return f"{state.status} {state.exit_code} {state.reason or ''}" if state else ""

    def _state(self, record: Record, name: str) -> ContainerState | None:
        assert self.engine is not None
        task_id = record.payload.id
        state = self.engine.states.get((task_id, name))
        if self.engine.has_failed(record, name):
            left = state or ContainerState(task_id=task_id, name=name, status="stopped")
            return replace(left, status="stopped", reason=record.failures[name])
        if state is not None:
            return state
        if name in record.seen:
            vanished = "ContainerVanishedError: No container matching saved ID found"
            return ContainerState(task_id=task_id, name=name, status="stopped", reason=vanished)
        return None

    def _request(self, record: Record, status: str) -> dict[str, Any]:
        containers = []
        for definition in record.payload.containers:
            state = self._state(record, definition.name)
            if state is None:
                continue
            entry: dict[str, Any] = {
                "containerName": definition.name,
                "status": _STATUS.get(state.status, "PENDING"),
                "networkBindings": [
                    {
                        "bindIP": binding.bind_ip,
                        "containerPort": binding.container_port,
                        "hostPort": binding.host_port,
                        "protocol": binding.protocol,
                    }
                    for binding in state.bindings
                ],
            }
            if state.runtime_id:
                entry["runtimeId"] = state.runtime_id
            if state.exit_code is not None:
                entry["exitCode"] = state.exit_code
            if state.reason:
                entry["reason"] = state.reason[:1024]
            containers.append(entry)
        request: dict[str, Any] = {
            "task": record.payload.arn,
            "status": status,
            "containers": containers,
            "reason": record.reason[:1024],
        }
        times = {
            "pullStartedAt": record.pull_started_at,
            "pullStoppedAt": record.pull_stopped_at,
            "executionStoppedAt": (record.stopped_at or time()) if status == "STOPPED" else None,
        }
        request |= {name: value for name, value in times.items() if value is not None}
        return request
