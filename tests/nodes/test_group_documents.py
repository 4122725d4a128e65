"""What balancers are told of a target group."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tidegate.balancer.documents import Documents
from tidegate.control.nodes.balancer_documents import group_document
from tidegate.control.store import MemoryDatabase, Store
from tidegate.control.store.tables import ALL, TARGET_GROUPS
from tidegate.domain.elbv2 import HealthCheck, TargetGroup
from tidegate.fleet.balancing import GroupDocument, GroupStickiness, GroupTarget, HealthCheckDocument
from tidegate.testing.builders import GROUP_ARN, a_group, a_target, a_task, after, an_instance
from tidegate.testing.load_balancers import a_listener, a_load_balancer, a_security_group, permits

TARGET = a_target(a_task(1))


async def told(store: Store, put: Any, *rows: object) -> GroupDocument:
    await put(*rows)
    document = group_document(store.snapshot, GROUP_ARN)
    assert document is not None
    return document


async def test_a_group_is_told_with_every_default(store: Store, put: Any) -> None:
    document = await told(store, put, a_group(health_check=HealthCheck()))
    assert document == GroupDocument(
        target_group_arn=GROUP_ARN,
        generation=store.snapshot.revision,
        protocol="HTTP",
        protocol_version="HTTP1",
        algorithm="round_robin",
        mitigates_anomalies=False,
        slow_start_seconds=0,
        stickiness=None,
        is_cross_zone=True,
        minimum_healthy_count=1,
        minimum_healthy_percentage=None,
        drains_early=False,
        health_check=HealthCheckDocument(),
        targets=(),
    )


async def test_a_group_that_is_gone_has_no_document(store: Store) -> None:
    assert group_document(store.snapshot, GROUP_ARN) is None


@pytest.mark.parametrize(
    ("attributes", "change"),
    [
        (
            {
                "load_balancing.algorithm.type": "weighted_random",
                "load_balancing.algorithm.anomaly_mitigation": "on",
            },
            {"algorithm": "weighted_random", "mitigates_anomalies": True},
        ),
        ({"slow_start.duration_seconds": "30"}, {"slow_start_seconds": 30}),
        ({"load_balancing.cross_zone.enabled": "false"}, {"is_cross_zone": False}),
        ({"load_balancing.cross_zone.enabled": "true"}, {}),
        (
            {
                "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": "3",
                "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": "50",
            },
            {"minimum_healthy_count": 3, "minimum_healthy_percentage": 50},
        ),
        ({"stickiness.enabled": "true"}, {"stickiness": GroupStickiness(type="lb_cookie", seconds=86400)}),
        (
            {
                "stickiness.enabled": "true",
                "stickiness.type": "app_cookie",
                "stickiness.app_cookie.cookie_name": "session",
                "stickiness.app_cookie.duration_seconds": "60",
            },
            {"stickiness": GroupStickiness(type="app_cookie", seconds=60, cookie_name="session")},
        ),
    ],
    ids=lambda given: next(iter(given), "nothing"),
)
async def test_attributes_are_told(
    store: Store, put: Any, attributes: dict[str, str], change: dict[str, Any]
) -> None:
    before = await told(store, put, a_group())
    after_change = await told(store, put, a_group(attributes=attributes))
    assert replace(after_change, generation=before.generation) == replace(before, **change)


async def test_protocol_version_and_check_are_told(store: Store, put: Any) -> None:
    check = HealthCheck(protocol="HTTPS", path="/grpc.health/Check", port="9000", matcher="0,12")
    group = a_group(protocol="HTTPS", protocol_version="GRPC", health_check=check)
    document = await told(store, put, group)
    assert (document.protocol, document.protocol_version) == ("HTTPS", "GRPC")
    assert document.health_check == HealthCheckDocument(
        protocol="HTTPS", path="/grpc.health/Check", port="9000", matcher="0,12"
    )


@pytest.mark.parametrize(("value", "is_early"), [("early", True), ("late", False)])
async def test_a_tag_has_drains_end_early(store: Store, put: Any, value: str, is_early: bool) -> None:
    document = await told(store, put, a_group(tags={"tidegate:drain": value}))
    assert document.drains_early is is_early


async def test_targets_are_told_with_their_zone_and_drain(store: Store, put: Any) -> None:
    draining = replace(TARGET, status="draining", drain_deadline=after(10))
    outside = replace(TARGET, id="10.1.2.3", address="10.1.2.3", availability_zone="all")
    unknown = replace(TARGET, id="i-unknown", address=None)
    document = await told(store, put, a_group(), draining, outside, unknown)
    assert document.targets == (
        GroupTarget(id="10.1.2.3", port=TARGET.port, address="10.1.2.3"),
        GroupTarget(
            id=TARGET.id,
            port=TARGET.port,
            address="127.80.1.1",
            zone="us-east-1a",
            status="draining",
            drain_deadline=after(10).timestamp(),
        ),
    )


async def test_targets_are_told_whether_their_zone_is_enabled(store: Store, put: Any) -> None:
    zones = {"i-1": "us-east-1a", "i-2": "us-east-1c", "i-3": "all", "i-4": None}
    targets = [replace(TARGET, id=name, availability_zone=zone) for name, zone in zones.items()]
    unused = await told(store, put, a_group(), *targets)
    assert all(target.is_zone_enabled for target in unused.targets)
    document = await told(store, put, a_listener(), a_load_balancer())
    assert [target.is_zone_enabled for target in document.targets] == [True, False, True, True]


async def test_targets_are_told_whether_security_groups_admit_requests_and_checks(
    store: Store, put: Any
) -> None:
    document = await told(
        store,
        put,
        a_group(health_check=HealthCheck(port="9000")),
        TARGET,
        an_instance(1, security_groups=("sg-target",)),
        a_listener(),
        a_load_balancer(security_groups=("sg-balancer",)),
        a_security_group("sg-balancer", permits("0.0.0.0/0", out=True)),
        a_security_group("sg-target", permits("sg-balancer", TARGET.port)),
    )
    (target,) = document.targets
    assert (target.is_admitted, target.is_check_admitted) == (True, False)


async def test_what_control_says_counts_though_its_database_was_restored(tmp_path: Path) -> None:
    async def started(database: MemoryDatabase, at: int, *rows: TargetGroup) -> GroupDocument:
        store = Store(database, ALL)
        store.load(revision_at_least=at)
        for row in rows:
            await store.transact(lambda tx, row=row: tx.put(TARGET_GROUPS, row))
        document = group_document(store.snapshot, GROUP_ARN)
        await store.close()
        assert document is not None
        return document

    database = MemoryDatabase()
    before = await started(database, 1_000, a_group())
    saved = MemoryDatabase()
    saved.rows, saved.revision = dict(database.rows), database.revision
    changed = a_group(attributes={"slow_start.duration_seconds": "30"})
    after_save = await started(database, 2_000, changed, a_group(), changed)
    balancer = Documents(tmp_path)
    balancer.load()
    assert balancer.take_group(after_save)
    restored = await started(saved, 3_000)
    assert balancer.take_group(restored)
    assert balancer.groups[GROUP_ARN] == replace(before, generation=restored.generation)
