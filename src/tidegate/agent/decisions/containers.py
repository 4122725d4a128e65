"""The next step of a task's containers.

Each container moves one notch at a time: it is started when everything it depends on (links included) is
as its conditions ask, and stopped when the task is to stop, or when an essential container of the task
has stopped or could not start. Containers stop in the reverse order of their dependencies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerView:
    """A container's definition and what is known of it. `status`: none (not there yet), created,
    running, stopped, or failed (it could not be started). `depends_on`: (name, condition) pairs.
    `start_timeout_seconds`: how long others wait for it once it runs; 0: for ever."""

    name: str
    essential: bool
    depends_on: tuple[tuple[str, str], ...] = ()
    status: str = "none"
    exit_code: int | None = None
    health: str = "UNKNOWN"
    start_timeout_seconds: float = 0
    running_seconds: float = 0

    @property
    def is_over(self) -> bool:
        return self.status in ("stopped", "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStep:
    """`start` and `stop`: containers to act on now, which do not wait for each other. `status`: what
    the task is known to be: PENDING, RUNNING or STOPPED. `blocked`: per container why it never starts."""

    start: tuple[str, ...] = ()
    stop: tuple[str, ...] = ()
    status: str
    blocked: Mapping[str, str] = field(default_factory=dict)


def next_step(containers: Sequence[ContainerView], *, is_wanted: bool) -> TaskStep:
    """What to do for one task; the same step again while nothing has changed."""
    views = {view.name: view for view in containers}
    if not is_wanted or any(view.essential and view.is_over for view in containers):
        return _ending(views)
    blocked = _final_blocks(views)
    if blocked:
        # They count as failed: whether that ends the task depends on which they are, and on who waits for
        # them in turn.
        following = [replace(v, status="failed") if v.name in blocked else v for v in containers]
        step = next_step(following, is_wanted=is_wanted)
        return replace(step, blocked={**step.blocked, **blocked})
    start = [
        view.name for view in containers if view.status in ("none", "created") and _may_start(view, views)
    ]
    has_started = all(view.status == "running" or view.is_over for view in containers)
    return TaskStep(start=tuple(start), status="RUNNING" if has_started else "PENDING")


def _ending(views: Mapping[str, ContainerView]) -> TaskStep:
    alive = {name for name, view in views.items() if view.status in ("created", "running")}
    if not alive:
        return TaskStep(status="STOPPED")
    needed = {dependency for name in alive for dependency, _ in views[name].depends_on if dependency in alive}
    was_running = all(view.status != "none" for view in views.values())
    return TaskStep(stop=tuple(sorted(alive - needed)), status="RUNNING" if was_running else "PENDING")


def _may_start(view: ContainerView, views: Mapping[str, ContainerView]) -> bool:
    return all(name in views and _holds(views[name], condition) for name, condition in view.depends_on)


def _holds(other: ContainerView, condition: str) -> bool:
    if condition == "START":
        return other.status in ("running", "stopped")
    if condition == "COMPLETE":
        return other.status == "stopped"
    if condition == "SUCCESS":
        return other.status == "stopped" and other.exit_code == 0
    return other.status == "running" and other.health == "HEALTHY"


def _final_blocks(views: Mapping[str, ContainerView]) -> dict[str, str]:
    """Containers that can never start, since what they wait for cannot come any more, with the reason."""
    return {
        view.name: f"TaskDependencyError: {reason}"
        for view in views.values()
        if view.status in ("none", "created")
        for reason in [_hopeless(view, views)]
        if reason is not None
    }


def _hopeless(view: ContainerView, views: Mapping[str, ContainerView]) -> str | None:
    for name, condition in view.depends_on:
        other = views.get(name)
        if other is None or other.status == "failed":
            return f"container {name}, on which {view.name} depends, did not start"
        if _holds(other, condition):
            continue
        if other.status == "stopped":
            return f"container {name} stopped before it was {condition}, for which {view.name} waits"
        # The clock is that of the dependency, from its start, and START needs no more than that.
        limit = other.start_timeout_seconds
        if condition != "START" and other.status == "running" and 0 < limit < other.running_seconds:
            return f"container ordering dependency {name} for {view.name} has timed out after {limit:g} s"
    return None
