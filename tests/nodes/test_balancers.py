"""Documents with generations down, observations up, and no old news on a new registration."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from tidegate.control.metrics import RecentMetrics
from tidegate.control.nodes.balancers import BalancerConversation, BalancerConversations
from tidegate.control.nodes.context import NodeContext
from tidegate.control.store import Store, Transaction
from tidegate.control.store.series import SeriesFile, SeriesLimits, SeriesStore
from tidegate.control.store.tables import LISTENERS, LOAD_BALANCERS, TARGET_GROUPS, TARGET_HEALTH, TARGETS
from tidegate.domain.cloudwatch import Metric, Sample, spread
from tidegate.domain.elbv2 import (
    Action,
    FixedResponseConfig,
    ForwardConfig,
    Listener,
    LoadBalancer,
    WeightedTargetGroup,
    ZoneMapping,
)
from tidegate.fleet.balancing import TrafficReport
from tidegate.testing.builders import (
    ARNS,
    BEFORE,
    GROUP_ARN,
    a_group,
    a_target,
    a_task,
    after,
)
from tidegate.testing.clock import FakeClock
from tidegate.testing.sessions import FakeSession

OTHER_GROUP = ARNS.target_group("other", "fedcba9876543210")
TARGET = a_target(a_task(1))

LOAD_BALANCER = LoadBalancer(
    arn=ARNS.load_balancer("web", "1"),
    name="web",
    dns_name="web-1.us-east-1.elb.localhost",
    canonical_hosted_zone_id="Z",
    vpc_id="vpc-1",
    zones=(ZoneMapping(zone_name="us-east-1a", subnet_id="subnet-1"),),
    address="127.80.2.1",
    created_at=BEFORE,
    attributes={"idle_timeout.timeout_seconds": "30"},
)


def a_listener(port: int = 80, group_arn: str | None = GROUP_ARN) -> Listener:
    action = Action(type="fixed-response", fixed_response=FixedResponseConfig(status_code="503"))
    if group_arn:
        weighted = WeightedTargetGroup(target_group_arn=group_arn)
        action = Action(type="forward", forward=ForwardConfig(target_groups=(weighted,)))
    return Listener(
        arn=ARNS.listener("web", "1", str(port)),
        load_balancer_arn=LOAD_BALANCER.arn,
        port=port,
        protocol="HTTP",
        default_actions=(action,),
        created_at=BEFORE,
    )


@pytest.fixture
def session() -> FakeSession:
    return FakeSession()


@pytest.fixture
async def conversation(
    context: NodeContext, session: FakeSession, store: Store, put: Any
) -> BalancerConversation:
    await put(LOAD_BALANCER, a_listener(), a_group(), a_group(arn=OTHER_GROUP), TARGET)
    conversation = BalancerConversation(context, session)
    store.subscribe(conversation.note)
    return conversation


def report(generation: int, **more: Any) -> dict[str, Any]:
    target = {"id": TARGET.id, "port": TARGET.port, "state": "healthy", **more}
    return {"target_group_arn": GROUP_ARN, "generation": generation, "targets": [target]}


async def test_a_balancer_that_connects_gets_the_groups_in_use_then_the_edge_then_the_others(
    conversation: BalancerConversation, session: FakeSession
) -> None:
    await conversation.tell()
    assert [name for name, _ in session.sent] == ["GroupDocument", "EdgeDocument", "FormerGroupDocument"]
    (other,) = session.take("FormerGroupDocument")
    assert (other["target_group_arn"], other["targets"]) == (OTHER_GROUP, [])
    (group,), (edge,) = session.take("GroupDocument"), session.take("EdgeDocument")
    assert [target["port"] for target in group["targets"]] == [TARGET.port]
    assert group["health_check"]["path"] == "/ping"
    (balancer,) = edge["load_balancers"]
    assert (balancer["address"], balancer["idle_timeout_seconds"]) == ("127.80.2.1", 30)
    assert balancer["listeners"][0]["rules"][-1]["action"]["target_groups"] == [[GROUP_ARN, 1]]
    assert edge["target_groups"] == [GROUP_ARN]


async def test_what_has_not_changed_is_not_sent_again(
    conversation: BalancerConversation, session: FakeSession
) -> None:
    await conversation.tell()
    session.take()
    await conversation.tell()
    assert session.sent == []


async def test_one_targets_change_costs_its_group_and_nothing_else(
    conversation: BalancerConversation, session: FakeSession, put: Any
) -> None:
    await conversation.tell()
    (before,) = session.take("GroupDocument")
    session.take()
    await put(replace(TARGET, status="draining", drain_deadline=after(10)))
    await conversation.tell()
    assert [name for name, _ in session.sent] == ["GroupDocument"]
    (document,) = session.take("GroupDocument")
    assert document["targets"][0]["status"] == "draining"
    assert document["targets"][0]["drain_deadline"] == after(10).timestamp()
    assert document["generation"] > before["generation"]


async def test_all_of_an_unused_group_is_sent_when_a_listener_uses_it(
    conversation: BalancerConversation, session: FakeSession, put: Any
) -> None:
    await conversation.tell()
    session.take()
    await put(replace(TARGET, target_group_arn=OTHER_GROUP))
    await conversation.tell()
    assert [name for name, _ in session.sent] == ["FormerGroupDocument"]
    session.take()
    await put(a_listener(81, OTHER_GROUP))
    await conversation.tell()
    assert [name for name, _ in session.sent] == ["GroupDocument", "EdgeDocument"]
    assert session.take("GroupDocument")[0]["target_group_arn"] == OTHER_GROUP


async def test_a_group_that_no_listener_uses_leaves_the_edge(
    conversation: BalancerConversation, session: FakeSession, put: Any
) -> None:
    await conversation.tell()
    session.take()
    await put(a_listener(80, None))
    await conversation.tell()
    assert [name for name, _ in session.sent] == ["EdgeDocument", "FormerGroupDocument"]
    (edge,) = session.take("EdgeDocument")
    assert edge["target_groups"] == []
    assert edge["load_balancers"][0]["listeners"][0]["rules"][-1]["action"]["fixed"][0] == "503"


async def test_a_balancer_hears_what_becomes_of_a_group_that_has_left_until_it_is_gone_or_back(
    conversation: BalancerConversation, session: FakeSession, store: Store, put: Any
) -> None:
    await conversation.tell()
    session.take()
    await put(a_listener(80, None))
    await conversation.tell()
    (left,) = session.take("FormerGroupDocument")
    assert (left["target_group_arn"], left["targets"][0]["status"]) == (GROUP_ARN, "active")
    await put(replace(TARGET, status="draining", drain_deadline=after(10)))
    await conversation.tell()
    (left,) = session.take("FormerGroupDocument")
    assert left["targets"][0]["drain_deadline"] == after(10).timestamp()
    session.take()
    await put(a_listener(80))
    await conversation.tell()
    assert [name for name, _ in session.sent] == ["GroupDocument", "EdgeDocument"]
    await put(a_listener(80, None))
    await conversation.tell()
    session.take()

    def delete(tx: Transaction) -> None:
        tx.delete(TARGETS, TARGET.key)
        tx.delete(TARGET_GROUPS, GROUP_ARN)

    await store.transact(delete)
    await conversation.tell()
    (gone,) = session.take("FormerGroupDocument")
    assert gone["targets"] == []
    session.take()
    await put(a_listener(81, OTHER_GROUP))
    await conversation.tell()
    assert session.take("FormerGroupDocument") == []


async def test_a_new_session_hears_of_groups_that_left_before_it(
    context: NodeContext, conversation: BalancerConversation, put: Any
) -> None:
    await conversation.tell()
    await put(a_listener(80, None))
    again = FakeSession()
    await BalancerConversation(context, again).tell()  # type: ignore[arg-type]
    assert [name for name, _ in again.sent] == ["EdgeDocument", *["FormerGroupDocument"] * 2]
    left = {one["target_group_arn"]: one["targets"] for one in again.take("FormerGroupDocument")}
    assert [target["status"] for target in left[GROUP_ARN]] == ["active"]


async def test_a_reconnecting_balancer_gets_everything_with_generations_no_older(
    context: NodeContext, conversation: BalancerConversation, session: FakeSession
) -> None:
    await conversation.tell()
    first = {name: message.get("generation", 0) for name, message in session.sent}
    again = FakeSession()
    await BalancerConversation(context, again).tell()
    second = {name: message.get("generation", 0) for name, message in again.sent}
    assert second.keys() == first.keys()
    assert all(second[name] >= first[name] for name in first)


async def test_a_report_of_health_becomes_observed_state(
    conversation: BalancerConversation, session: FakeSession, store: Store
) -> None:
    await conversation.tell()
    (document,) = session.take("GroupDocument")
    await conversation.hear("GroupReport", report(document["generation"], is_anomalous=True))
    health = store.snapshot.get(TARGET_HEALTH, TARGET.key)
    assert health is not None
    assert (health.state, health.is_anomalous, health.is_mitigated) == ("healthy", True, False)


async def test_a_report_that_says_nothing_new_is_no_commit(
    conversation: BalancerConversation, session: FakeSession, store: Store, clock: FakeClock
) -> None:
    await conversation.tell()
    (document,) = session.take("GroupDocument")
    await conversation.hear("GroupReport", report(document["generation"]))
    revision = store.snapshot.revision
    clock.advance(5)
    await conversation.hear("GroupReport", report(document["generation"]))
    assert store.snapshot.revision == revision


@pytest.mark.parametrize(
    "change",
    [
        {"registered_at": BEFORE + timedelta(seconds=1)},
        {"registered_by": "another task"},
        {"status": "draining"},
    ],
    ids=["registered again", "another task", "draining"],
)
async def test_news_of_an_earlier_registration_is_not_taken_for_the_present_ones(
    conversation: BalancerConversation,
    session: FakeSession,
    store: Store,
    put: Any,
    change: dict[str, Any],
) -> None:
    await conversation.tell()
    (old,) = session.take("GroupDocument")
    await put(replace(TARGET, **change))
    stale = report(old["generation"], is_drained=True)
    await conversation.hear("GroupReport", stale)
    await conversation.tell()
    await conversation.hear("GroupReport", stale)
    assert store.snapshot.get(TARGET_HEALTH, TARGET.key) is None

    (new,) = session.take("GroupDocument")
    await conversation.hear("GroupReport", report(new["generation"], is_drained=True))
    assert store.snapshot.get(TARGET_HEALTH, TARGET.key) is not None


async def test_another_targets_change_does_not_make_a_report_old(
    conversation: BalancerConversation, session: FakeSession, store: Store, put: Any
) -> None:
    await conversation.tell()
    (old,) = session.take("GroupDocument")
    await put(a_target(a_task(2), 2))
    await conversation.tell()
    await conversation.hear("GroupReport", report(old["generation"]))
    assert store.snapshot.get(TARGET_HEALTH, TARGET.key) is not None


async def test_a_report_on_a_target_that_is_gone_means_nothing(
    conversation: BalancerConversation, session: FakeSession, store: Store
) -> None:
    await conversation.tell()
    (document,) = session.take("GroupDocument")
    await store.transact(lambda tx: tx.delete(TARGETS, TARGET.key))
    await conversation.hear("GroupReport", report(document["generation"]))
    assert store.snapshot.get(TARGET_HEALTH, TARGET.key) is None


async def test_a_load_balancer_is_active_once_a_balancer_has_applied_it(
    conversation: BalancerConversation, session: FakeSession, store: Store
) -> None:
    await conversation.tell()
    (edge,) = session.take("EdgeDocument")
    await conversation.hear("EdgeReport", {"generation": edge["generation"] - 1, "listeners": []})
    assert state_of(store) == "provisioning"
    await conversation.hear("EdgeReport", {"generation": edge["generation"], "listeners": []})
    assert state_of(store) == "active"


async def test_a_listener_shows_where_it_really_answers_or_why_it_does_not(
    conversation: BalancerConversation, session: FakeSession, store: Store
) -> None:
    await conversation.tell()
    (edge,) = session.take("EdgeDocument")
    session.take()
    binding = {"listener_arn": a_listener().arn, "address": "127.80.2.1", "port": 8080}
    named = {**binding, "address": "127.0.0.1", "port": 8081}
    report = {"generation": edge["generation"], "listeners": [binding], "names": [named]}
    await conversation.hear("EdgeReport", report)
    listener = listener_of(store)
    assert (listener.bound_address, listener.bound_port, listener.bind_error) == ("127.80.2.1", 8080, None)
    assert (listener.name_port, listener.name_error) == (8081, None)

    failed = {**binding, "error": "address in use"}
    report = {"generation": edge["generation"], "listeners": [failed], "names": [{**named, "error": "taken"}]}
    await conversation.hear("EdgeReport", report)
    listener = listener_of(store)
    assert (listener.bound_port, listener.bind_error) == (None, "address in use")
    assert (listener.name_port, listener.name_error) == (None, "taken")
    # What was observed changes no document.
    await conversation.tell()
    assert session.sent == []


async def test_a_commit_reaches_a_connected_balancer_at_once(
    context: NodeContext, store: Store, put: Any
) -> None:
    await put(LOAD_BALANCER, a_listener(), a_group())
    balancers = BalancerConversations(context)
    session = FakeSession()
    serving = asyncio.ensure_future(balancers.serve(session))
    await until_sent(session, "EdgeDocument")
    session.take()
    await put(TARGET)
    await until_sent(session, "GroupDocument")
    balancers.close()
    await serving
    assert session.close_code == 1001
    assert store.snapshot.get(LOAD_BALANCERS, LOAD_BALANCER.arn) is not None


async def test_health_that_changed_while_control_was_away_is_taken_from_the_first_report(
    context: NodeContext, store: Store, put: Any
) -> None:
    await put(LOAD_BALANCER, a_listener(), a_group(), TARGET)
    session = FakeSession()
    # The balancer reports what it has at once, before it has read any document.
    session.say("GroupReport", **report(store.snapshot.revision, state="unhealthy"))
    session.hang_up()
    await BalancerConversations(context).serve(session)
    health = store.snapshot.get(TARGET_HEALTH, TARGET.key)
    assert health is not None
    assert health.state == "unhealthy"


# Measurements


RESPONSE_TIME = Sample(
    metric=Metric(
        namespace="AWS/ApplicationELB", name="TargetResponseTime", dimensions=(("LoadBalancer", "a"),)
    ),
    at=1_700_000_000,
    seconds=5,
    unit="Seconds",
    summary=spread({0.0: 2, 0.25: 1}),
)


async def test_what_a_balancer_measured_is_kept_once_and_receipted_each_time(
    context: NodeContext, conversation: BalancerConversation, session: FakeSession
) -> None:
    sent = TrafficReport(source="b", sequence=7, began=1_700_000_000, seconds=5, samples=(RESPONSE_TIME,))
    for _ in range(2):
        await conversation.hear("TrafficReport", json.loads(msgspec.json.encode(sent)))
    assert session.take("TrafficReceipt") == [{"source": "b", "sequence": 7}] * 2
    assert isinstance(context.metrics, RecentMetrics)
    assert list(context.metrics.samples) == [RESPONSE_TIME]


async def test_metrics_that_cannot_be_kept_get_no_receipt_and_end_no_session(
    context: NodeContext, session: FakeSession, store: Store, put: Any
) -> None:
    await put(LOAD_BALANCER, a_listener(), a_group(), TARGET)
    file = SeriesFile(None)
    full = replace(context, metrics=SeriesStore(file, context.clock, SeriesLimits(pending_max=0)))
    sent = TrafficReport(source="b", sequence=7, began=1_700_000_000, seconds=5, samples=(RESPONSE_TIME,))
    session.say("TrafficReport", **json.loads(msgspec.json.encode(sent)))
    session.say("GroupReport", **report(store.snapshot.revision, state="unhealthy"))
    session.hang_up()
    await BalancerConversations(full).serve(session)
    assert session.take("TrafficReceipt") == []
    health = store.snapshot.get(TARGET_HEALTH, TARGET.key)
    assert health is not None
    assert health.state == "unhealthy"


async def until_sent(session: FakeSession, type_: str) -> None:
    for _ in range(1000):
        if any(name == type_ for name, _ in session.sent):
            return
        await asyncio.sleep(0)
    raise AssertionError(f"no {type_} came")


def state_of(store: Store) -> str:
    row = store.snapshot.get(LOAD_BALANCERS, LOAD_BALANCER.arn)
    assert row is not None
    return row.state


def listener_of(store: Store) -> Listener:
    row = store.snapshot.get(LISTENERS, a_listener().arn)
    assert row is not None
    return row
