"""Which documents a commit has told again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tidegate.control.nodes.balancers import BalancerConversation
from tidegate.control.nodes.context import NodeContext
from tidegate.control.store import Store
from tidegate.control.store.tables import RULES
from tidegate.domain.elbv2 import MutualAuthentication, TrustStore
from tidegate.testing.builders import ARNS, BEFORE, GROUP_ARN, a_group, a_target, a_task, an_instance
from tidegate.testing.load_balancers import (
    a_certificate,
    a_listener,
    a_load_balancer,
    a_rule,
    a_security_group,
    forward_to,
    permits,
)
from tidegate.testing.sessions import FakeSession

OTHER_GROUP = ARNS.target_group("other", "fedcba9876543210")
STORE = TrustStore(arn="store", name="partners", status="ACTIVE", ca_pem="one")
BALANCER = a_load_balancer(security_groups=("sg-balancer",))
LISTENER = a_listener(
    443,
    protocol="HTTPS",
    certificate_arns=(a_certificate().arn,),
    mutual_authentication=MutualAuthentication(mode="verify", trust_store_arn=STORE.arn),
)
INSTANCE = an_instance(1, security_groups=("sg-target",))
TARGET_GROUP = a_security_group("sg-target", permits("sg-balancer"))
WORLD = (
    BALANCER,
    LISTENER,
    a_rule(1, of=LISTENER),
    a_group(),
    a_group(arn=OTHER_GROUP),
    a_target(a_task(1)),
    a_target(a_task(2), 2, group_arn=OTHER_GROUP),
    INSTANCE,
    an_instance(2, security_groups=("sg-target",)),
    a_certificate(),
    STORE,
    a_security_group("sg-balancer", permits("0.0.0.0/0", 443), permits("0.0.0.0/0", out=True)),
    TARGET_GROUP,
)

Told = Callable[..., Awaitable[list[str]]]


@pytest.fixture
async def told(context: NodeContext, store: Store, put: Any) -> Told:
    """Puts rows, and says which documents a balancer that knew the rest is sent."""
    await put(*WORLD)
    session = FakeSession()
    conversation = BalancerConversation(context, session)
    await conversation.tell()
    session.take()
    store.subscribe(conversation.note)

    async def told(*rows: object) -> list[str]:
        await put(*rows)
        await conversation.tell()
        names = []
        for name, message in session.sent:
            is_edge = name == "EdgeDocument"
            names.append("edge" if is_edge else message["target_group_arn"])
        session.take()
        return names

    return told


@pytest.mark.parametrize(
    "row",
    [
        a_rule(2, of=LISTENER),
        replace(LISTENER, ssl_policy="ELBSecurityPolicy-TLS13-1-3-2021-06"),
        replace(BALANCER, attributes={"idle_timeout.timeout_seconds": "30"}),
        replace(a_certificate(), certificate_pem="renewed"),
        replace(STORE, ca_pem="two"),
    ],
    ids=["rule", "listener", "load balancer", "certificate", "trust store"],
)
async def test_what_listeners_do_is_the_edges(told: Told, row: object) -> None:
    assert await told(row) == ["edge"]


async def test_a_rule_that_is_gone_is_told(told: Told, store: Store) -> None:
    await store.transact(lambda tx: tx.delete(RULES, a_rule(1, of=LISTENER).arn))
    assert await told() == ["edge"]


async def test_a_rule_that_names_another_group_brings_its_document(told: Told) -> None:
    assert await told(a_rule(2, forward_to(OTHER_GROUP), of=LISTENER)) == [OTHER_GROUP, "edge"]


async def test_what_a_group_asks_of_its_targets_is_the_groups(told: Told) -> None:
    assert await told(a_group(tags={"tidegate:drain": "early"})) == [GROUP_ARN]


async def test_who_enters_an_instance_is_told_to_the_groups_that_it_serves(told: Told) -> None:
    assert await told(a_security_group("sg-target", permits("sg-balancer", 80))) == [GROUP_ARN]
    assert await told(replace(INSTANCE, security_groups=())) == []
    assert await told(a_security_group("sg-target", permits("sg-balancer"))) == []
    assert await told(INSTANCE) == [GROUP_ARN]


async def test_who_enters_the_load_balancer_is_told_to_the_edge(told: Told) -> None:
    closed = a_security_group("sg-balancer", permits("0.0.0.0/0", out=True))
    assert await told(closed) == ["edge"]


async def test_an_instance_that_comes_and_may_enter_is_told_to_the_edge(told: Told) -> None:
    inward = permits("sg-client", 443)
    assert await told(a_security_group("sg-balancer", inward, permits("0.0.0.0/0", out=True))) == ["edge"]
    assert await told(an_instance(3, security_groups=("sg-client",))) == ["edge"]
    assert await told(an_instance(4, security_groups=("sg-other",))) == []
    assert await told(an_instance(3, security_groups=("sg-client",), state="terminated")) == ["edge"]


async def test_a_load_balancer_that_may_reach_nothing_is_told_to_edge_and_groups(told: Told) -> None:
    assert await told(a_security_group("sg-balancer")) == [GROUP_ARN, "edge"]


async def test_another_security_group_of_the_load_balancer_is_another_reach(told: Told) -> None:
    assert await told(replace(BALANCER, security_groups=("sg-target",))) == [GROUP_ARN, "edge"]


async def test_other_zones_of_the_load_balancer_are_told_to_edge_and_groups(told: Told) -> None:
    assert await told(replace(BALANCER, zones=BALANCER.zones[1:])) == [GROUP_ARN, "edge"]


@pytest.mark.parametrize(
    "row",
    [
        replace(INSTANCE, state="stopping"),
        replace(BALANCER, state="failed"),
        replace(LISTENER, bound_port=8443),
        replace(a_certificate(), not_after=BEFORE + timedelta(days=1)),
        replace(TARGET_GROUP, tags={"a": "1"}),
        a_certificate("unused.example.com"),
        a_security_group("sg-unused", permits("0.0.0.0/0")),
    ],
    ids=["state", "health", "bound", "dates", "tags", "certificate", "security group"],
)
async def test_what_balancers_need_not_know_is_not_told(told: Told, row: object) -> None:
    assert await told(row) == []
