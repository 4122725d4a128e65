"""Checks now and then what must always hold. It changes nothing: a broken invariant is a bug of ours, for
the log."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import structlog

from tidegate.control.controllers.context import ControlContext
from tidegate.control.decisions.invariants import CLAIMS, Fault, RegionRows
from tidegate.control.service_history import current_deployment
from tidegate.control.store import Change, Snapshot
from tidegate.control.store.tables import (
    CONTAINER_INSTANCES,
    SCALABLE_TARGETS,
    SCALING_ACTIVITIES,
    SERVICE_DEPLOYMENTS,
    SERVICES,
    TARGET_GROUPS,
    TARGET_HEALTH,
    TARGETS,
    TASK_DEFINITIONS,
    TASKS,
)
from tidegate.domain.ecs import ServiceDeployment, TaskDefinition

_EVERY = timedelta(minutes=1)

_log = structlog.get_logger(__name__)


class Invariants:
    """One key: the region. A claim may fail for an instant, between a node's report and the controllers'
    answer to it; what fails on two looks in a row is broken."""

    name = "invariants"

    def __init__(self, context: ControlContext) -> None:
        self._context = context
        self._suspected: set[Fault] = set()
        self._told: set[Fault] = set()

    def keys_to_wake(self, changes: Sequence[Change]) -> Iterable[str]:  # noqa: ARG002 - time alone wakes it
        return ()

    def all_keys(self, snapshot: Snapshot) -> Iterable[str]:  # noqa: ARG002 - there is one region
        return ("region",)

    async def reconcile(self, key: str) -> datetime | None:  # noqa: ARG002 - there is one region
        rows = rows_of(self._context.store.snapshot)
        found: set[Fault] = set()
        for claim in CLAIMS:
            found.update(claim(rows))
            # Over thousands of tasks a claim takes milliseconds: others have their turn between two.
            await asyncio.sleep(0)
        broken = found & self._suspected
        for fault in sorted(broken - self._told, key=str):
            _log.error("invariant broken", invariant=fault.invariant, row=fault.row, detail=fault.detail)
        self._suspected, self._told = found, broken
        return self._context.clock.now() + _EVERY


def rows_of(snapshot: Snapshot) -> RegionRows:
    """The rows that invariants are about, from a snapshot."""
    return RegionRows(
        services={row.arn: row for row in snapshot.all(SERVICES)},
        tasks={row.arn: row for row in snapshot.all(TASKS)},
        instances={row.arn: row for row in snapshot.all(CONTAINER_INSTANCES)},
        targets={row.key: row for row in snapshot.all(TARGETS)},
        health={row.key: row for row in snapshot.all(TARGET_HEALTH)},
        groups={row.arn: row for row in snapshot.all(TARGET_GROUPS)},
        scalable={row.resource_id: row for row in snapshot.all(SCALABLE_TARGETS)},
        activities={row.id: row for row in snapshot.all(SCALING_ACTIVITIES)},
        service_deployments=_present_deployments(snapshot),
        checked=dict(filter(None, map(checked_containers, snapshot.all(TASK_DEFINITIONS)))),
    )


def _present_deployments(snapshot: Snapshot) -> dict[str, ServiceDeployment]:
    """Those that have not ended, and what the services head for: all the others may be a hundred times as
    many."""
    found: dict[str, ServiceDeployment] = {}
    for service in snapshot.all(SERVICES):
        found |= {row.arn: row for row in snapshot.by(SERVICE_DEPLOYMENTS, "open", service.arn)}
        current = current_deployment(snapshot, service)
        if current is not None:
            found[current.arn] = current
    return found


def checked_containers(row: TaskDefinition) -> tuple[str, frozenset[str]] | None:
    """A definition with its essential containers that have a health check; None where there is none."""
    names = frozenset(one.name for one in row.containers if one.essential and one.health_check)
    return (row.arn, names) if names else None
