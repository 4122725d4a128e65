"""The order in which a task's containers start and stop."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tidegate.agent.decisions.containers import ContainerView, TaskStep, next_step

WEB = ContainerView(name="web", essential=True, depends_on=(("db", "START"),))
DB = ContainerView(name="db", essential=True)
SIDE = ContainerView(name="side", essential=False)


def seen(
    view: ContainerView, status: str, exit_code: int | None = None, health: str = "UNKNOWN"
) -> ContainerView:
    return replace(view, status=status, exit_code=exit_code, health=health)


def step(*views: ContainerView, is_wanted: bool = True) -> TaskStep:
    return next_step(views, is_wanted=is_wanted)


def test_a_container_waits_for_what_it_links_to() -> None:
    first = step(WEB, DB)
    assert (first.start, first.status) == (("db",), "PENDING")
    assert first.waiting == (("web", "db is not START"),)


def test_a_linked_container_starts_when_the_other_runs() -> None:
    assert step(WEB, seen(DB, "running")).start == ("web",)


def test_a_task_runs_when_all_of_its_containers_do() -> None:
    assert step(seen(WEB, "running"), seen(DB, "running")) == TaskStep(status="RUNNING")


def test_an_essential_exit_stops_the_others_and_then_the_task() -> None:
    assert step(seen(WEB, "running"), seen(DB, "stopped", 1)).stop == ("web",)
    assert step(seen(WEB, "stopped", 0), seen(DB, "stopped", 1)).status == "STOPPED"


def test_the_exit_of_a_container_that_is_not_essential_changes_nothing() -> None:
    assert step(seen(DB, "running"), seen(SIDE, "stopped", 1)) == TaskStep(status="RUNNING")


def test_containers_stop_in_the_reverse_order_of_their_dependencies() -> None:
    assert step(seen(WEB, "running"), seen(DB, "running"), is_wanted=False).stop == ("web",)
    assert step(seen(WEB, "stopped", 0), seen(DB, "running"), is_wanted=False).stop == ("db",)


def test_a_task_that_was_never_started_stops_at_once() -> None:
    assert step(WEB, DB, is_wanted=False).status == "STOPPED"


def test_an_essential_container_that_cannot_start_stops_the_task() -> None:
    assert step(WEB, seen(DB, "failed")).status == "STOPPED"


@pytest.mark.parametrize(
    ("condition", "other", "starts"),
    [
        ("COMPLETE", seen(SIDE, "running"), False),
        ("COMPLETE", seen(SIDE, "stopped", 3), True),
        ("SUCCESS", seen(SIDE, "stopped", 0), True),
        ("HEALTHY", seen(SIDE, "running"), False),
        ("HEALTHY", seen(SIDE, "running", health="HEALTHY"), True),
    ],
)
def test_each_condition_waits_for_its_own(condition: str, other: ContainerView, starts: bool) -> None:
    main = ContainerView(name="main", essential=True, depends_on=(("side", condition),))
    assert ("main" in step(main, other).start) is starts


def test_success_that_cannot_come_any_more_ends_the_task() -> None:
    main = ContainerView(name="main", essential=True, depends_on=(("side", "SUCCESS"),))
    assert step(main, seen(SIDE, "stopped", 1)).status == "STOPPED"
