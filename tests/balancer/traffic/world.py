"""One load balancer in two zones with one target group, and what is counted of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.balancer.lab import PREFIX, fixed, forward, group_arn, listener, redirect, rule, values

from tidegate.balancer.decisions.anomalies import Judgement
from tidegate.balancer.decisions.health import HEALTHY, Health
from tidegate.balancer.decisions.traffic.hosts import GroupState
from tidegate.balancer.decisions.traffic.names import Names, names
from tidegate.balancer.decisions.traffic.samples import World
from tidegate.domain.cloudwatch import Sample
from tidegate.fleet.balancing import (
    EdgeDocument,
    EdgeLoadBalancer,
    GroupDocument,
    GroupTarget,
    HealthCheckDocument,
)

BALANCER, ZONES = "app/lab/1", ("us-east-1a", "us-east-1b")
GROUP = "targetgroup/blue/blue00000000"
FRONTEND, BACKEND = "l_0000000000008123", "tg_blue00000000"
EDGE = EdgeDocument(
    generation=1,
    load_balancers=(
        EdgeLoadBalancer(
            arn=f"{PREFIX}:loadbalancer/{BALANCER}",
            name="lab",
            dns_name="lab.localhost",
            address="127.9.9.9",
            zones=ZONES,
            listeners=(
                listener(
                    rule(10, fixed("404"), values("path-pattern", "/no")),
                    rule(20, redirect(), values("path-pattern", "/re")),
                    default=forward("blue"),
                    port=8123,
                ),
            ),
        ),
    ),
    target_groups=(group_arn("blue"),),
)
NAMES: Names = names(EDGE)


def targets(*zones: str | None) -> tuple[GroupTarget, ...]:
    return tuple(
        GroupTarget(id=f"i-{number}", port=80, address="127.1.1.1", zone=zone)
        for number, zone in enumerate(zones)
    )


def state(
    *zones: str | None,
    healths: Iterable[str] = (),
    anomalous: Iterable[int] = (),
    **fields: Any,
) -> GroupState:
    """A group with a target in each of these zones; `healths` of the first ones, the others are healthy."""
    found = dict(enumerate(healths))
    document = GroupDocument(
        target_group_arn=group_arn("blue"),
        generation=1,
        health_check=HealthCheckDocument(),
        **{"targets": targets(*zones), **fields},
    )
    return GroupState(
        document=document,
        health={
            (one.id, one.port): Health(state=found.get(n, HEALTHY)) for n, one in enumerate(document.targets)
        },
        judged={(f"i-{number}", 80): Judgement(is_anomalous=True, share=0.5) for number in anomalous},
    )


def world(group: GroupState) -> World:
    return World(names=NAMES, groups={group_arn("blue"): group})


def word(
    *,
    backend: str = BACKEND,
    status: int = 200,
    target: int | str = "-",
    end: str = "--",
    retries: str = "0",
    rule_number: int | str = 50001,
    is_grpc: str = "-",
    ambiguous: str = "-",
    kept: str = "-",
    invalid: str = "-",
    time: int = 5,
) -> bytes:
    fields = (
        FRONTEND,
        backend,
        status,
        target,
        end,
        retries,
        rule_number,
        is_grpc,
        ambiguous,
        kept,
        invalid,
        time,
    )
    return "|".join(map(str, fields)).encode()


def of(samples: Iterable[Sample], name: str, letters: str = "L", zone: str = ZONES[0]) -> Sample | None:
    """The sample of a metric with these dimensions, of the load balancer, the group and a zone."""
    values = {"A": ("AvailabilityZone", zone), "L": ("LoadBalancer", BALANCER), "T": ("TargetGroup", GROUP)}
    wanted = tuple(values[letter] for letter in sorted(letters))
    found = [one for one in samples if (one.metric.name, one.metric.dimensions) == (name, wanted)]
    assert len(found) < 2, f"{name} is told twice"
    return found[0] if found else None


def total(samples: Iterable[Sample], name: str, letters: str = "L", zone: str = ZONES[0]) -> float | None:
    found = of(samples, name, letters, zone)
    return None if found is None else found.summary.sum
