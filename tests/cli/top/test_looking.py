"""What `tidegate top` sees of a region: real clients, the real APIs, a clock that stands still."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from tidegate.cli.top.looking import PERIOD_SECONDS, Looking
from tidegate.cli.top.points import Points, Wanted
from tidegate.cli.top.seen import Seen
from tidegate.cli.top.watching import Latest, frame_of
from tidegate.control.api import front_ends
from tidegate.control.store import Transaction
from tidegate.control.store.tables import (
    CLUSTERS,
    LISTENERS,
    LOAD_BALANCERS,
    METRIC_ALARMS,
    SERVICES,
    TARGET_GROUPS,
    TARGET_HEALTH,
    TARGETS,
    TASKS,
)
from tidegate.domain.cloudwatch import Metric, Sample, Summary, value
from tidegate.domain.cloudwatch.alarm import ALARM
from tidegate.testing.alarms import an_alarm
from tidegate.testing.api import Api, api_context
from tidegate.testing.builders import a_cluster, a_group, a_service, a_target, a_task, health_of
from tidegate.testing.clock import EPOCH, FakeClock
from tidegate.testing.load_balancers import a_listener, a_load_balancer

NOW = EPOCH + timedelta(hours=1)
END = int(NOW.timestamp())


@pytest.fixture
def api() -> Api:
    """A service of two tasks of which one runs, and its load balancer, with traffic."""
    clock = FakeClock()
    clock.advance((NOW - clock.now()).total_seconds())
    api = Api(api_context(clock), front_ends())
    service = a_service(desired=2)

    def put(tx: Transaction) -> None:
        tx.put(CLUSTERS, a_cluster())
        tx.put(SERVICES, service)
        tx.put(TASKS, a_task(1, of=service))
        tx.put(TASKS, a_task(2, of=service, last_status="PENDING"))
        tx.put(TARGET_GROUPS, a_group())
        tx.put(LOAD_BALANCERS, a_load_balancer())
        tx.put(LISTENERS, a_listener())
        tx.put(METRIC_ALARMS, an_alarm(state=replace(an_alarm().state, value=ALARM)))
        for number, state in ((1, "healthy"), (2, "unhealthy")):
            target = a_target(a_task(number, of=service), number)
            tx.put(TARGETS, target)
            tx.put(TARGET_HEALTH, health_of(target, state))

    asyncio.run(api.context.store.transact(put))
    return api


def measured(api: Api, namespace: str, name: str, summary: Summary, *, back: int, **dimensions: str) -> None:
    """A sample of five seconds that began so many seconds ago."""
    metric = Metric(namespace=namespace, name=name, dimensions=tuple(sorted(dimensions.items())))
    sample = Sample(metric=metric, at=END - back, seconds=5, unit="Count", summary=summary)
    asyncio.run(api.context.series.take([sample]))


def look(api: Api) -> Seen:
    return Looking(api.client, lambda: NOW).look()


def test_services_targets_and_load_balancers_are_seen(api: Api) -> None:
    seen = look(api)
    (service,) = seen.services
    assert (service.cluster, service.name) == (a_cluster().name, "web")
    assert (service.desired, service.running, service.pending) == (2, 1, 1)
    assert not service.is_steady
    (group,) = seen.groups
    assert (group.name, group.balancer, group.healthy) == ("web", "web", 1)
    assert {target.state for target in group.targets} == {"healthy", "unhealthy"}
    (balancer,) = seen.balancers
    assert (balancer.name, balancer.state) == ("web", "active")
    assert seen.alarms == ("many-orders",)


def test_what_was_not_measured_is_no_number(api: Api) -> None:
    seen = look(api)
    assert (seen.services[0].cpu, seen.groups[0].requests, seen.groups[0].p95) == (None, None, None)
    assert seen.balancers[0].bytes is None


def test_rates_are_of_the_last_whole_twenty_seconds(api: Api) -> None:
    balancer = a_load_balancer().arn.partition("loadbalancer/")[2]
    group = a_group().arn.rpartition(":")[2]
    for back, count in ((100, 1000), (25, 60), (15, 40), (2, 500)):
        asked = {"back": back, "LoadBalancer": balancer}
        measured(api, "AWS/ApplicationELB", "RequestCount", _times(count), **asked)
        measured(api, "AWS/ApplicationELB", "RequestCount", _times(count), **asked, TargetGroup=group)
    measured(
        api,
        "AWS/ApplicationELB",
        "TargetResponseTime",
        value(0.25),
        back=15,
        LoadBalancer=balancer,
        TargetGroup=group,
    )
    measured(
        api,
        "AWS/ECS",
        "CPUUtilization",
        value(42.0),
        back=45,
        ClusterName=a_cluster().name,
        ServiceName="web",
    )
    seen = look(api)
    assert seen.balancers[0].requests == 5
    assert seen.groups[0].requests == 5
    # Reported only when there are any.
    assert (seen.groups[0].errors, seen.balancers[0].errors) == (0, 0)
    assert seen.groups[0].p95 == pytest.approx(0.25, rel=0.01)
    assert seen.services[0].cpu == 42


def _times(count: int) -> Summary:
    return Summary(count=count, sum=count, minimum=1.0, maximum=1.0)


WANTED = Wanted("Shop", "Orders", (), "Sum")


@pytest.mark.parametrize(
    ("age", "rate"),
    # Points of ten seconds that began so long ago; the look is at a full minute.
    [(0, 0.0), (10, 0.0), (20, 0.5), (30, 0.5), (40, 0.0)],
)
def test_a_point_counts_while_it_is_whole_and_new(age: int, rate: float) -> None:
    points = Points({WANTED: {NOW - timedelta(seconds=age): 10.0}}, NOW, PERIOD_SECONDS)
    assert points.rate(WANTED) == rate


def test_while_the_api_is_away_the_last_look_stays_with_its_age() -> None:
    seen = Seen(at=datetime(2026, 1, 1, tzinfo=UTC))
    answers: list[Any] = [EndpointConnectionError(endpoint_url="http://x"), replace(seen, alarms=("a",))]

    def looking() -> Seen:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[no-any-return]

    latest = Latest(looking, seen, 2)
    latest.look_once()
    frame = frame_of("t", latest, seen.at + timedelta(seconds=3))
    assert frame.seen == seen
    assert frame.trouble.startswith("the API does not answer (Could not connect")
    latest.look_once()
    assert frame_of("t", latest, seen.at).trouble == ""
    assert latest.seen.alarms == ("a",)


def test_a_look_that_takes_long_is_told() -> None:
    seen = Seen(at=NOW)
    latest = Latest(lambda: seen, seen, 2)
    assert frame_of("t", latest, NOW + timedelta(seconds=6)).trouble == ""
    assert frame_of("t", latest, NOW + timedelta(seconds=8)).trouble == "the API has not answered yet"
