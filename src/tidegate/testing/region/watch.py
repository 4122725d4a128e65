"""Watches every commit and every step for broken invariants."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tidegate.control.controllers.invariants import checked_containers, rows_of
from tidegate.control.decisions.invariants import Fault, RegionRows, change_faults, faults
from tidegate.control.store import Changes, Store
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
from tidegate.domain.time import Clock

_FIELDS = {
    SERVICES.name: "services",
    TASKS.name: "tasks",
    CONTAINER_INSTANCES.name: "instances",
    TARGETS.name: "targets",
    TARGET_HEALTH.name: "health",
    TARGET_GROUPS.name: "groups",
    SCALABLE_TARGETS.name: "scalable",
    SCALING_ACTIVITIES.name: "activities",
    SERVICE_DEPLOYMENTS.name: "service_deployments",
}


class Watch:
    """`found` gathers what commits broke; `look` adds what the present state breaks."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rows = RegionRows()
        self.found: list[Fault] = []

    def follow(self, store: Store) -> None:
        """Watch a store from now on. What control had written but not told before it died is a commit
        like any other."""
        self._advance(rows_of(store.snapshot))
        store.subscribe(self._committed)

    def look(self) -> list[Fault]:
        """Everything that is broken now, and what was since the last look."""
        found, self.found = self.found, []
        return found + list(faults(self._rows))

    @property
    def rows(self) -> RegionRows:
        return self._rows

    def _committed(self, changes: Changes) -> None:
        changed: dict[str, Any] = {}
        for change in changes:
            name = _FIELDS.get(change.table.name)
            if change.table is TASK_DEFINITIONS and change.new is not None:
                checked = checked_containers(change.new)
                changed["checked"] = {**self._rows.checked, **dict([checked] if checked else [])}
            if name is None:
                continue
            table = changed.setdefault(name, dict(getattr(self._rows, name)))
            if change.new is None:
                table.pop(change.key, None)
            else:
                table[change.key] = change.new
        if changed:
            self._advance(replace(self._rows, **changed))

    def _advance(self, rows: RegionRows) -> None:
        before, self._rows = self._rows, rows
        self.found += change_faults(before, rows, self._clock.now())
