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
    ended = step(main, seen(SIDE, "stopped", 1))
    assert ended.status == "STOPPED"
    assert ended.blocked == {
        "main": "TaskDependencyError: container side stopped before it was SUCCESS, for which main waits"
    }


def test_a_dependency_that_cannot_start_ends_the_task() -> None:
    main = ContainerView(name="main", essential=True, depends_on=(("side", "START"),))
    ended = step(main, seen(SIDE, "failed"))
    assert ended.status == "STOPPED"
    assert ended.blocked == {
        "main": "TaskDependencyError: container side, on which main depends, did not start"
    }


def test_what_is_not_essential_and_can_never_start_ends_nothing() -> None:
    helper = ContainerView(name="helper", essential=False, depends_on=(("side", "SUCCESS"),))
    found = step(seen(DB, "running"), helper, seen(SIDE, "stopped", 1))
    assert (found.status, found.stop, found.start) == ("RUNNING", (), ())
    assert set(found.blocked) == {"helper"}


def test_who_waits_for_what_can_never_start_is_told_as_well() -> None:
    helper = ContainerView(name="helper", essential=False, depends_on=(("side", "SUCCESS"),))
    main = ContainerView(name="main", essential=True, depends_on=(("helper", "START"),))
    found = step(main, helper, seen(SIDE, "stopped", 1))
    assert found.status == "STOPPED"
    assert set(found.blocked) == {"helper", "main"}


@pytest.mark.parametrize("condition", ["COMPLETE", "SUCCESS", "HEALTHY"])
@pytest.mark.parametrize(
    ("limit", "seconds", "is_over"), [(0, 9999, False), (30, 30, False), (30, 30.1, True), (30, 0, False)]
)
def test_a_dependency_is_waited_for_as_long_as_its_start_timeout_says(
    condition: str, limit: float, seconds: float, is_over: bool
) -> None:
    main = ContainerView(name="main", essential=True, depends_on=(("side", condition),))
    side = replace(seen(SIDE, "running"), start_timeout_seconds=limit, running_seconds=seconds)
    found = step(main, side)
    assert bool(found.blocked) is is_over
    assert found.stop == (("side",) if is_over else ())
    if is_over:
        reason = "TaskDependencyError: container ordering dependency side for main has timed out after 30 s"
        assert found.blocked["main"] == reason


def test_a_start_needs_no_timeout() -> None:
    main = ContainerView(name="main", essential=True, depends_on=(("side", "START"),))
    side = replace(seen(SIDE, "running"), start_timeout_seconds=1, running_seconds=9)
    assert step(main, side).start == ("main",)


def test_what_holds_already_is_not_timed_out() -> None:
    main = ContainerView(name="main", essential=True, depends_on=(("side", "HEALTHY"),))
    side = replace(seen(SIDE, "running", health="HEALTHY"), start_timeout_seconds=1, running_seconds=9)
    assert step(main, side).start == ("main",)
