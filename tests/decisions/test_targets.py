"""Registering, draining and holding the targets of a service's tasks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from tidegate.control.decisions.targets import (
    BALANCER_SILENCE,
    HELD_AT_MOST,
    REPLACEMENT_PATIENCE,
    DeregistrationsPlan,
    Host,
    TargetsPlan,
    TargetsSnapshot,
    drain,
    plan,
    plan_deregistrations,
)
from tidegate.domain.ecs import Service, Task
from tidegate.domain.elbv2 import Target, TargetHealth
from tidegate.testing.builders import (
    GROUP_ARN,
    VPC,
    a_group,
    a_service,
    a_target,
    a_task,
    after,
    ec2_id,
    health_of,
)

SERVICE = a_service(desired=2)
RUNNING = a_task(1, of=SERVICE, healthy_at=after(-100))
OTHER = a_task(2, of=SERVICE, healthy_at=after(-100))
LEAVING = replace(
    RUNNING,
    last_status="DEACTIVATING",
    desired_status="STOPPED",
    stop_code="ServiceSchedulerInitiated",
    stopped_reason="Scaling activity initiated by (deployment ecs-svc/1)",
)
HOST = Host(ec2_instance_id=ec2_id(1), address="127.80.1.1", vpc_id=VPC, availability_zone="us-east-1a")


# Registering.


def test_a_running_task_is_registered_with_its_host_port() -> None:
    planned = planned_for([RUNNING])
    (target,) = planned.puts
    assert (target.id, target.port, target.address) == (ec2_id(1), 32769, "127.80.1.1")
    assert (target.registered_by, target.registered_for) == (RUNNING.arn, SERVICE.arn)
    assert planned.events == (f"registered 1 targets in (target-group {GROUP_ARN})",)


def test_of_several_host_ports_of_one_container_port_the_first_of_tcp_is_registered() -> None:
    (port,) = RUNNING.ports
    udp, second = replace(port, host_port=5, protocol="udp"), replace(port, host_port=port.host_port + 1)
    (target,) = planned_for([replace(RUNNING, ports=(udp, port, second))]).puts
    assert target.port == port.host_port


@pytest.mark.parametrize("status", ["PENDING", "DEACTIVATING", "STOPPING"])
def test_only_running_tasks_are_registered(status: str) -> None:
    assert planned_for([a_task(1, of=SERVICE, last_status=status)]).puts == ()


def test_a_registered_task_is_not_registered_again() -> None:
    assert planned_for([RUNNING], [a_target(RUNNING)]) == TargetsPlan()


def test_an_instance_of_another_vpc_is_refused_in_awss_words_and_not_listed() -> None:
    planned = planned_for([RUNNING], host=replace(HOST, vpc_id="vpc-b"))
    assert planned.puts == ()
    assert planned.refusals == (
        f"failed to register targets in (target-group {GROUP_ARN}) with (error The following targets are "
        f"not in the target group VPC '{VPC}': '{ec2_id(1)}')",
    )
    assert planned.next_look == after(30)


def test_a_task_whose_group_is_gone_is_told_in_awss_words() -> None:
    planned = planned_for([RUNNING], groups={})
    assert planned.puts == ()
    assert planned.refusals == (
        f"task set ({RUNNING.deployment_id}) (task {RUNNING.id}) is not healthy in target-group "
        f"({GROUP_ARN}) due to TARGET GROUP IS NOT FOUND.",
    )


def test_two_tasks_of_one_instance_are_one_refusal() -> None:
    assert len(planned_for([RUNNING, OTHER], host=replace(HOST, vpc_id="vpc-b")).refusals) == 1


def test_a_machine_of_no_known_network_is_in_every_one() -> None:
    assert len(planned_for([RUNNING], host=replace(HOST, vpc_id=None)).puts) == 1


def test_a_target_that_a_user_registered_becomes_the_tasks_own() -> None:
    by_hand = replace(a_target(RUNNING), registered_by=None, registered_for=None)
    (target,) = planned_for([RUNNING], [by_hand]).puts
    assert target.registered_by == RUNNING.arn


def test_a_port_whose_former_target_still_drains_is_registered_later() -> None:
    former = a_target(a_task(9, of=SERVICE, host_port=32769), status="draining", drain_deadline=after(0))
    assert [t for t in planned_for([RUNNING], [former]).puts if t.registered_by == RUNNING.arn] == []


# Draining.


def test_a_task_that_is_to_stop_drains_for_the_deregistration_delay_first() -> None:
    planned = planned_for([LEAVING, OTHER], [a_target(LEAVING), a_target(OTHER)], healthy=[OTHER])
    (target,) = planned.puts
    assert (target.status, target.draining_since, target.drain_deadline) == ("draining", after(0), after(300))
    assert planned.tasks == ()
    assert planned.events == (
        f"deregistered 1 targets in (target-group {GROUP_ARN})",
        "has begun draining connections on 1 tasks.",
    )
    assert planned.next_look == after(300)


def test_when_the_drain_is_over_the_target_goes_and_the_task_is_told_to_stop() -> None:
    target = draining(LEAVING, deadline=300)
    planned = planned_for([LEAVING], [target], drained=[target], at=300)
    assert planned.removals == (target.key,)
    assert [task.last_status for task in planned.tasks] == ["STOPPING"]
    assert planned.events == (f"has stopped 1 running tasks: (task {LEAVING.id}).",)


def test_a_drain_is_not_over_before_its_deadline_even_if_nothing_is_in_flight() -> None:
    target = draining(LEAVING, deadline=300)
    assert planned_for([LEAVING], [target], drained=[target], at=299.9).removals == ()


def early() -> dict[str, object]:
    return {GROUP_ARN: a_group(tags={"tidegate:drain": "early"})}


def test_in_a_group_that_drains_early_the_balancers_word_is_enough() -> None:
    target = draining(LEAVING, deadline=300)
    planned = planned_for([LEAVING], [target], drained=[target], at=5, groups=early())
    assert planned.removals == (target.key,)
    assert [task.last_status for task in planned.tasks] == ["STOPPING"]


def test_without_that_word_it_drains_like_any_other() -> None:
    target = draining(LEAVING, deadline=300)
    assert planned_for([LEAVING], [target], at=299, groups=early()).removals == ()


def test_a_word_on_an_earlier_drain_is_none_on_this_one() -> None:
    target = replace(draining(LEAVING, deadline=300), draining_since=after(2))
    assert planned_for([LEAVING], [target], drained=[target], at=5, groups=early()).removals == ()


def test_a_held_target_is_not_done_early() -> None:
    held = replace(draining(LEAVING, deadline=300), drain_deadline=None)
    planned = planned_for([LEAVING, OTHER], [held], drained=[held], at=5, groups=early())
    assert planned.removals == ()


def test_a_balancer_that_says_nothing_is_waited_for_a_while_only() -> None:
    target = draining(LEAVING, deadline=300)
    planned = planned_for([LEAVING], [target], at=301)
    assert planned.removals == ()
    assert planned.next_look == after(300) + BALANCER_SILENCE
    late = 300 + BALANCER_SILENCE.total_seconds()
    assert planned_for([LEAVING], [target], at=late).removals == (target.key,)


def test_a_task_of_two_groups_stops_when_the_last_of_its_targets_is_gone() -> None:
    first = draining(LEAVING, deadline=10)
    second = replace(draining(LEAVING, deadline=60), target_group_arn=GROUP_ARN + "2")
    groups = {GROUP_ARN: a_group(), GROUP_ARN + "2": a_group(arn=GROUP_ARN + "2")}
    planned = planned_for([LEAVING], [first, second], drained=[first], at=10, groups=groups)
    assert planned.removals == (first.key,)
    assert planned.tasks == ()


def test_the_targets_of_a_dead_task_drain_only_until_the_balancer_has_heard() -> None:
    (target,) = planned_for([], [a_target(RUNNING)]).puts
    assert target.drain_deadline == after(0)
    assert planned_for([], [target], drained=[target], at=0.1).removals == (target.key,)


def test_a_draining_task_that_dies_is_not_drained_any_longer() -> None:
    (target,) = planned_for([], [draining(LEAVING, deadline=300)], at=5).puts
    assert target.drain_deadline == after(5)


def test_a_draining_task_whose_targets_a_user_removed_stops() -> None:
    assert [task.last_status for task in planned_for([LEAVING]).tasks] == ["STOPPING"]


def test_a_target_that_a_user_deregistered_drains_and_is_then_registered_again() -> None:
    by_user = drain(a_target(RUNNING), a_group(), after(0))
    assert planned_for([RUNNING], [by_user]).puts == ()
    assert planned_for([RUNNING], [by_user], drained=[by_user], at=300).removals == (by_user.key,)
    assert len(planned_for([RUNNING], at=300).puts) == 1


def test_targets_of_a_deleted_group_are_forgotten() -> None:
    target = a_target(RUNNING)
    assert planned_for([RUNNING], [target], groups={}).removals == (target.key,)


# Holding.


def test_the_only_target_that_serves_is_held_while_its_replacement_starts() -> None:
    pending = a_task(3, of=SERVICE, last_status="PENDING")
    planned = planned_for([LEAVING, pending], [a_target(LEAVING)])
    (target,) = planned.puts
    assert (target.status, target.drain_deadline) == ("draining", None)


def test_in_its_first_pass_a_leaving_target_does_not_take_itself_for_one_that_serves() -> None:
    planned = planned_for([LEAVING], [a_target(LEAVING)], healthy=[LEAVING])
    (target,) = planned.puts
    assert (target.status, target.drain_deadline) == ("draining", None)


def test_the_delay_counts_from_the_moment_at_which_another_can_take_over() -> None:
    held = draining(LEAVING, deadline=None)
    targets = [held, a_target(OTHER)]
    assert planned_for([LEAVING, OTHER], targets, at=100).puts == ()
    (target,) = planned_for([LEAVING, OTHER], targets, healthy=[OTHER], at=100).puts
    assert target.drain_deadline == after(400)


def test_a_draining_target_is_held_again_when_the_other_becomes_unhealthy() -> None:
    targets = [draining(LEAVING, deadline=300), a_target(OTHER)]
    (target,) = planned_for([LEAVING, OTHER], targets, at=50).puts
    assert target.drain_deadline is None


def test_a_replacement_has_some_seconds_to_be_started() -> None:
    held = draining(LEAVING, deadline=None)
    patience = REPLACEMENT_PATIENCE.total_seconds()
    assert planned_for([LEAVING], [held], at=patience - 1).puts == ()
    (target,) = planned_for([LEAVING], [held], at=patience).puts
    assert target.drain_deadline == after(patience + 300)


def test_nothing_is_held_where_no_replacement_has_room() -> None:
    """Desired 1 at 0/100: the replacement starts when the task is gone, not before."""
    full = a_service(desired=1, minimum=0, maximum=100)
    (target,) = planned_for([LEAVING], [a_target(LEAVING)], service=full).puts
    assert target.drain_deadline == after(300)


def test_nothing_is_held_for_longer_than_a_quarter_of_an_hour() -> None:
    held = draining(LEAVING, deadline=None)
    pending = a_task(3, of=SERVICE, last_status="PENDING")
    at = HELD_AT_MOST.total_seconds()
    assert planned_for([LEAVING, pending], [held], at=at - 1).puts == ()
    assert len(planned_for([LEAVING, pending], [held], at=at).puts) == 1


@pytest.mark.parametrize(
    "task",
    [
        replace(LEAVING, healthy_at=None),
        replace(LEAVING, has_failed_checks=True),
    ],
    ids=["never was healthy", "is stopped for its health"],
)
def test_a_target_that_cannot_serve_is_not_held(task: Task) -> None:
    pending = a_task(3, of=SERVICE, last_status="PENDING")
    (target,) = planned_for([task, pending], [a_target(task)]).puts
    assert target.drain_deadline == after(300)


def test_what_a_user_writes_as_the_reason_does_not_decide() -> None:
    pending = a_task(3, of=SERVICE, last_status="PENDING")
    told = replace(LEAVING, stop_code="UserInitiated", stopped_reason="Task failed my test")
    (target,) = planned_for([told, pending], [a_target(told)]).puts
    assert target.drain_deadline is None


@pytest.mark.parametrize(
    "service",
    [replace(SERVICE, desired_count=0), replace(SERVICE, status="DRAINING")],
    ids=["scaled to zero", "being deleted"],
)
def test_a_service_that_wants_no_tasks_holds_none(service: Service) -> None:
    (target,) = planned_for([LEAVING], [a_target(LEAVING)], service=service).puts
    assert target.drain_deadline == after(300)


def test_a_plan_carried_out_is_followed_by_an_empty_one() -> None:
    targets = [a_target(LEAVING), a_target(OTHER)]
    planned = planned_for([LEAVING, OTHER], targets, healthy=[OTHER])
    by_key = {target.key: target for target in (*targets, *planned.puts)}
    again = planned_for([LEAVING, OTHER], list(by_key.values()), healthy=[OTHER])
    assert again == TargetsPlan(next_look=planned.next_look)


def test_a_loose_target_goes_when_its_drain_is_over_and_a_services_own_stays() -> None:
    loose, owned = draining(LEAVING, deadline=10), draining(OTHER, deadline=10)
    group = a_group()

    def planned(at: float) -> DeregistrationsPlan:
        return plan_deregistrations(group, [loose, owned], {owned.key}, {}, after(at))

    assert planned(5) == DeregistrationsPlan(next_look=after(10))
    silence = BALANCER_SILENCE.total_seconds()
    assert planned(10) == DeregistrationsPlan(next_look=after(10 + silence))
    assert planned(10 + silence) == DeregistrationsPlan(removals=(loose.key,))


def test_with_its_group_every_target_goes() -> None:
    targets = [draining(LEAVING, deadline=10), a_target(OTHER)]
    decided = plan_deregistrations(None, targets, {targets[1].key}, {}, after(0))
    assert decided == DeregistrationsPlan(removals=tuple(target.key for target in targets))


def draining(task: Task, *, deadline: float | None) -> Target:
    return a_target(
        task,
        status="draining",
        draining_since=after(0),
        drain_deadline=None if deadline is None else after(deadline),
    )


def planned_for(
    tasks: Iterable[Task],
    targets: Iterable[Target] = (),
    *,
    healthy: Iterable[Task] = (),
    drained: Iterable[Target] = (),
    at: float = 0,
    service: Service = SERVICE,
    host: Host = HOST,
    groups: dict[str, object] | None = None,
) -> TargetsPlan:
    tasks, targets = list(tasks), list(targets)
    good = {task.arn for task in healthy}
    health: dict[str, TargetHealth] = {t.key: health_of(t) for t in targets if t.registered_by in good}
    health |= {target.key: health_of(target, "draining", is_drained=True) for target in drained}
    snapshot = TargetsSnapshot(
        service=service,
        tasks=tasks,
        hosts={task.container_instance_arn: host for task in tasks},
        groups={GROUP_ARN: a_group()} if groups is None else groups,
        targets={target.key: target for target in targets},
        health=health,
    )
    return plan(snapshot, after(at))
