"""The next step of a task's containers.

Each container moves one notch at a time: it is started when everything it depends on (links included) is
as its conditions ask, and stopped when the task is to stop, or when an essential container of the task
has stopped or could not start. Containers stop in the reverse order of their dependencies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerView:
    """A container's definition and what is known of it. `status`: none (not there yet), created,
    running, stopped, or failed (it could not be started). `depends_on`: (name, condition) pairs."""

    name: str
    essential: bool
    depends_on: tuple[tuple[str, str], ...] = ()
    status: str = "none"
    exit_code: int | None = None
    health: str = "UNKNOWN"

    @property
    def is_over(self) -> bool:
        return self.status in ("stopped", "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStep:
    """`start` and `stop`: containers to act on now, which do not wait for each other. `status`: what
    the task is known to be: PENDING, RUNNING or STOPPED. `waiting`: per container why it does not start."""

    start: tuple[str, ...] = ()
    stop: tuple[str, ...] = ()
    status: str
    waiting: tuple[tuple[str, str], ...] = ()


def next_step(containers: Sequence[ContainerView], *, is_wanted: bool) -> TaskStep:
    """What to do for one task; the same step again while nothing has changed."""
    views = {view.name: view for view in containers}
    blocked = _final_block(views)
    is_ending = (
        not is_wanted or blocked is not None or any(view.essential and view.is_over for view in containers)
    )
    if is_ending:
        return _ending(views)
    start: list[str] = []
    waiting: list[tuple[str, str]] = []
    for view in containers:
        if view.status in ("none", "created"):
            reason = _unmet(view, views)
            if reason is None:
                start.append(view.name)
            else:
                waiting.append((view.name, reason))
    has_started = all(view.status == "running" or view.is_over for view in containers)
    return TaskStep(
        start=tuple(start), status="RUNNING" if has_started else "PENDING", waiting=tuple(waiting)
    )


def _ending(views: Mapping[str, ContainerView]) -> TaskStep:
    alive = {name for name, view in views.items() if view.status in ("created", "running")}
    if not alive:
        return TaskStep(status="STOPPED")
    needed = {dependency for name in alive for dependency, _ in views[name].depends_on if dependency in alive}
    was_running = all(view.status != "none" for view in views.values())
    return TaskStep(stop=tuple(sorted(alive - needed)), status="RUNNING" if was_running else "PENDING")


def _unmet(view: ContainerView, views: Mapping[str, ContainerView]) -> str | None:
    """Why a container may not start yet; None when it may."""
    for name, condition in view.depends_on:
        other = views.get(name)
        if other is None or not _holds(other, condition):
            return f"{name} is not {condition}"
    return None


def _holds(other: ContainerView, condition: str) -> bool:
    if condition == "START":
        return other.status in ("running", "stopped")
    if condition == "COMPLETE":
        return other.status == "stopped"
    if condition == "SUCCESS":
        return other.status == "stopped" and other.exit_code == 0
    return other.status == "running" and other.health == "HEALTHY"


def _final_block(views: Mapping[str, ContainerView]) -> str | None:
    """A container that can never start, since what it waits for cannot come any more."""
    for view in views.values():
        if view.status not in ("none", "created"):
            continue
        for name, condition in view.depends_on:
            other = views.get(name)
            if other is None or other.status == "failed":
                return view.name
            has_failed = condition == "SUCCESS" and other.status == "stopped" and other.exit_code != 0
            is_gone = condition == "HEALTHY" and other.status == "stopped"
            if has_failed or is_gone:
                return view.name
    return None
