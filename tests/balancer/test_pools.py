"""The backends of a group: one, or one per zone, with every target as a server."""

from __future__ import annotations

from typing import Any

import pytest

from tidegate.balancer.decisions.health import Health
from tidegate.balancer.decisions.pools import Knowledge, backends, zones
from tidegate.balancer.decisions.weights import full_weight
from tidegate.fleet.balancing import (
    EdgeAction,
    EdgeDocument,
    EdgeListener,
    EdgeLoadBalancer,
    EdgeRule,
    GroupDocument,
    GroupTarget,
    HealthCheckDocument,
)

ARN = "arn:aws:elasticloadbalancing:us-east-1:0:targetgroup/g/1a"
HEALTHY = Health(state="healthy")
ZONES = ("us-east-1a", "us-east-1b")


def a_target(id_: str = "i-1", zone: str | None = None, **fields: Any) -> GroupTarget:
    return GroupTarget(id=id_, port=80, address="10.0.0.1", zone=zone, **fields)


def a_group(*targets: GroupTarget, **fields: Any) -> GroupDocument:
    return GroupDocument(
        target_group_arn=ARN, generation=1, health_check=HealthCheckDocument(), targets=targets, **fields
    )


def ready(group: GroupDocument, **health: str) -> dict[str, set[str]]:
    """The ids of the servers that are ready, by backend."""
    known = Knowledge({(id_.replace("_", "-"), 80): Health(state=state) for id_, state in health.items()})
    return {
        backend: {name.partition("_")[0] for name, server in servers.items() if server.is_ready}
        for backend, servers in backends(ARN, group, ZONES, known).items()
    }


def test_a_group_is_one_backend_of_all_its_targets_of_which_the_healthy_are_ready() -> None:
    group = a_group(a_target("i-1", ZONES[0]), a_target("i-2", ZONES[1]))
    assert ready(group, i_1="healthy") == {"tg_1a": {"i-1"}}
    assert set(backends(ARN, group, ZONES, Knowledge())["tg_1a"]) == {"i-1_80", "i-2_80"}


def test_a_group_whose_document_has_not_come_is_an_empty_backend() -> None:
    assert backends(ARN, None, ZONES, Knowledge()) == {"tg_1a": {}}


def test_a_group_that_is_not_cross_zone_is_a_backend_per_zone() -> None:
    targets = [a_target("i-1", ZONES[0]), a_target("i-2", ZONES[1]), a_target("i-3", "all")]
    group = a_group(*targets, is_cross_zone=False)
    assert ready(group, i_1="healthy", i_2="healthy", i_3="healthy") == {
        "tg_1a.0": {"i-1", "i-3"},
        "tg_1a.1": {"i-2", "i-3"},
    }


def test_each_zone_opens_by_itself_when_none_of_its_targets_is_healthy() -> None:
    group = a_group(a_target("i-1", ZONES[0]), a_target("i-2", ZONES[1]), is_cross_zone=False)
    assert ready(group, i_1="unhealthy", i_2="healthy") == {"tg_1a.0": {"i-1"}, "tg_1a.1": {"i-2"}}


def test_a_zone_without_targets_is_an_empty_backend() -> None:
    group = a_group(a_target("i-1", ZONES[0]), is_cross_zone=False)
    assert ready(group, i_1="healthy") == {"tg_1a.0": {"i-1"}, "tg_1a.1": set()}


def test_in_a_single_zone_there_is_nothing_to_tell_apart() -> None:
    group = a_group(a_target("i-1", ZONES[0]), is_cross_zone=False)
    assert set(backends(ARN, group, ZONES[:1], Knowledge())) == {"tg_1a"}


def test_the_zones_of_a_group_are_those_of_the_load_balancer_that_uses_it() -> None:
    rule = EdgeRule(arn="r", action=EdgeAction(type="forward", target_groups=((ARN, 1),)))
    listener = EdgeListener(arn="l", port=80, protocol="HTTP", rules=(rule,))
    balancer = EdgeLoadBalancer(
        arn="lb", name="lb", dns_name="lb", address="127.0.0.1", zones=ZONES, listeners=(listener,)
    )
    assert zones(EdgeDocument(generation=1, load_balancers=(balancer,))) == {ARN: ZONES}


def test_a_target_that_no_security_group_lets_us_reach_is_a_server_where_nobody_answers() -> None:
    group = a_group(a_target("i-1"), a_target("i-2", is_admitted=False))
    servers = backends(ARN, group, (), Knowledge(void=("127.0.0.1", 7)))["tg_1a"]
    assert (servers["i-1_80"].place, servers["i-2_80"].place) == ("10.0.0.1:80", "127.0.0.1:7")


def test_an_ipv6_target_is_a_server_too() -> None:
    group = a_group(GroupTarget(id="fd00::1", port=80, address="fd00::1"))
    assert backends(ARN, group, (), Knowledge())["tg_1a"]["fd00::1_80"].place == "[fd00::1]:80"


@pytest.mark.parametrize(
    ("fields", "targets", "expected"),
    [
        ({}, 2, 1),
        ({"algorithm": "least_outstanding_requests"}, 2, 1),
        ({"slow_start_seconds": 30}, 2, 100),
        # Even shares want a weight that fills HAProxy's ring; with many targets they share its size.
        ({"algorithm": "weighted_random"}, 1, 256),
        ({"algorithm": "weighted_random"}, 16, 256),
        ({"algorithm": "weighted_random"}, 17, 128),
        ({"algorithm": "weighted_random"}, 1000, 16),
    ],
)
def test_a_full_share_is_a_weight_that_suits_the_algorithm(
    fields: dict[str, Any], targets: int, expected: int
) -> None:
    group = a_group(*(a_target(f"i-{number}") for number in range(targets)), **fields)
    assert full_weight(group) == expected


def test_less_than_a_full_share_is_less_weight_but_never_none() -> None:
    group = a_group(a_target("i-1"), a_target("i-2"), a_target("i-3"), slow_start_seconds=30)
    known = Knowledge(shares={("i-1", 80): 0.25, ("i-2", 80): 0.0})
    weights = {name: server.weight for name, server in backends(ARN, group, (), known)["tg_1a"].items()}
    assert weights == {"i-1_80": 25, "i-2_80": 1, "i-3_80": 100}
