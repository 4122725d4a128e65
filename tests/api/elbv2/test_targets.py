"""Targets: registered, drained, described."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tidegate.control.store.tables import TARGET_HEALTH, TARGETS
from tidegate.domain.elbv2 import Target, TargetHealth
from tidegate.domain.elbv2.target import target_key
from tidegate.testing.api import Api
from tidegate.testing.clock import EPOCH


def _health(client: Any, group: str, *asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    arguments = {"Targets": list(asked)} if asked else {}
    found = client.describe_target_health(TargetGroupArn=group, **arguments)["TargetHealthDescriptions"]
    return [
        (
            one["Target"]["Port"],
            one["HealthCheckPort"],
            one["TargetHealth"]["State"],
            one["TargetHealth"].get("Reason"),
        )
        for one in found
    ]


def _report(api: Api, group: str, instance: str, state: str, port: int = 5000) -> None:
    row = TargetHealth(target_group_arn=group, id=instance, port=port, state=state, reported_at=EPOCH)
    asyncio.run(api.context.store.transact(lambda tx: tx.put(TARGET_HEALTH, row)))


def _row(api: Api, group: str, instance: str, port: int = 5000) -> Target | None:
    return api.context.store.snapshot.get(TARGETS, target_key(group, instance, port))


@pytest.mark.usefixtures("listener")
@pytest.mark.proves("operation:RegisterTargets")
def test_an_instance_is_a_target_on_as_many_ports_as_wanted(
    api: Api, client: Any, group: str, instance: str
) -> None:
    client.register_targets(TargetGroupArn=group, Targets=[{"Id": instance}, {"Id": instance, "Port": 32768}])
    assert _health(client, group) == [
        (32768, "32768", "initial", "Elb.RegistrationInProgress"),
        (5000, "5000", "initial", "Elb.RegistrationInProgress"),
    ]
    row = _row(api, group, instance)
    assert row is not None
    assert row.address == "127.80.1.1"


@pytest.mark.usefixtures("listener")
def test_a_healthy_target_ends_the_waiter(api: Api, client: Any, group: str, instance: str) -> None:
    client.register_targets(TargetGroupArn=group, Targets=[{"Id": instance}])
    _report(api, group, instance, "healthy")
    client.get_waiter("target_in_service").wait(TargetGroupArn=group)
    assert _health(client, group) == [(5000, "5000", "healthy", None)]


def test_without_a_listener_a_target_is_not_in_use(client: Any, group: str, instance: str) -> None:
    client.register_targets(TargetGroupArn=group, Targets=[{"Id": instance}])
    assert _health(client, group) == [(5000, "5000", "unused", "Target.NotInUse")]


@pytest.mark.proves("operation:DescribeTargetHealth")
def test_only_the_targets_asked_for_are_described(client: Any, group: str, instance: str) -> None:
    client.register_targets(TargetGroupArn=group, Targets=[{"Id": instance}, {"Id": instance, "Port": 81}])
    assert [one[0] for one in _health(client, group, {"Id": instance, "Port": 81})] == [81]
    assert _health(client, group, {"Id": instance, "Port": 99}) == [
        (99, "99", "unused", "Target.NotRegistered")
    ]


def test_a_fixed_check_port_is_shown(client: Any, make_group: Callable[..., str], instance: str) -> None:
    group = make_group(HealthCheckPort="8081")
    client.register_targets(TargetGroupArn=group, Targets=[{"Id": instance}])
    assert _health(client, group)[0][1] == "8081"


def test_an_instance_of_another_vpc_is_refused_in_awss_words(
    client: Any, refused: Any, network: Any, make_group: Callable[..., str], instance: str
) -> None:
    vpc = network.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    group = make_group("other", VpcId=vpc)
    text = f"The following targets are not in the target group VPC '{vpc}': '{instance}'"
    with refused("InvalidTarget", text):
        client.register_targets(TargetGroupArn=group, Targets=[{"Id": instance}])
    assert _health(client, group) == []


def test_one_bad_target_registers_none(
    client: Any, refused: Any, network: Any, group: str, instance: str
) -> None:
    with refused("InvalidTarget", "are not valid instances: 'i-0'"):
        client.register_targets(TargetGroupArn=group, Targets=[{"Id": instance}, {"Id": "i-0"}])
    network.terminate_instances(InstanceIds=[instance])
    with refused("InvalidTarget", "are not in a running state and cannot be registered"):
        client.register_targets(TargetGroupArn=group, Targets=[{"Id": instance}])
    assert _health(client, group) == []


@pytest.mark.usefixtures("listener")
@pytest.mark.proves(
    "operation:DeregisterTargets", "target-group-attribute:deregistration_delay.timeout_seconds"
)
def test_a_deregistered_target_drains_for_the_delay(api: Api, client: Any, group: str, instance: str) -> None:
    delay = [{"Key": "deregistration_delay.timeout_seconds", "Value": "10"}]
    client.modify_target_group_attributes(TargetGroupArn=group, Attributes=delay)
    client.register_targets(TargetGroupArn=group, Targets=[{"Id": instance}])
    client.deregister_targets(TargetGroupArn=group, Targets=[{"Id": instance}])
    assert _health(client, group)[0][2:] == ("draining", "Target.DeregistrationInProgress")
    row = _row(api, group, instance)
    assert row is not None
    assert row.drain_deadline is not None
    assert (row.drain_deadline - EPOCH).total_seconds() == 10


@pytest.mark.usefixtures("listener")
def test_registering_a_draining_target_makes_it_a_new_one(
    api: Api, client: Any, group: str, instance: str
) -> None:
    client.register_targets(TargetGroupArn=group, Targets=[{"Id": instance}])
    _report(api, group, instance, "healthy")
    client.deregister_targets(TargetGroupArn=group, Targets=[{"Id": instance}])
    client.register_targets(TargetGroupArn=group, Targets=[{"Id": instance}])
    assert _health(client, group)[0][2:] == ("initial", "Elb.RegistrationInProgress")


@pytest.mark.usefixtures("listener")
def test_registering_an_active_target_changes_nothing(
    api: Api, client: Any, group: str, instance: str
) -> None:
    client.register_targets(TargetGroupArn=group, Targets=[{"Id": instance}])
    _report(api, group, instance, "healthy")
    before = api.context.store.snapshot.revision
    client.register_targets(TargetGroupArn=group, Targets=[{"Id": instance}])
    assert api.context.store.snapshot.revision == before


def test_a_target_of_an_unused_group_is_gone_at_once(client: Any, group: str, instance: str) -> None:
    client.register_targets(TargetGroupArn=group, Targets=[{"Id": instance}])
    client.deregister_targets(TargetGroupArn=group, Targets=[{"Id": instance}])
    assert _health(client, group) == []
    client.get_waiter("target_deregistered").wait(TargetGroupArn=group, Targets=[{"Id": instance}])


def test_deregistering_what_is_not_there_succeeds(client: Any, group: str) -> None:
    client.deregister_targets(TargetGroupArn=group, Targets=[{"Id": "i-0"}])


@pytest.mark.usefixtures("listener")
def test_a_terminated_instance_is_deregistered_by_itself(
    client: Any, network: Any, group: str, instance: str
) -> None:
    client.register_targets(TargetGroupArn=group, Targets=[{"Id": instance}])
    network.terminate_instances(InstanceIds=[instance])
    assert _health(client, group)[0][2:] == ("draining", "Target.DeregistrationInProgress")


def test_addresses_are_targets_of_groups_of_type_ip(
    client: Any, refused: Any, make_group: Callable[..., str]
) -> None:
    group = make_group("addresses", TargetType="ip")
    targets = [
        {"Id": "172.31.0.9"},
        {"Id": "10.1.2.3", "AvailabilityZone": "all"},
        {"Id": "127.80.1.7", "Port": 80},
    ]
    client.register_targets(TargetGroupArn=group, Targets=targets)
    assert len(_health(client, group)) == 3
    for address, text in (
        ("8.8.8.8", "is not allowed, as it must be an address from a VPC subnet"),
        ("i-0", "is not a valid IPv4 address"),
        ("10.1.2.4", "you must specify an Availability Zone for IP target '10.1.2.4'"),
    ):
        with refused("ValidationError", text):
            client.register_targets(TargetGroupArn=group, Targets=[{"Id": address}])


def _zones(client: Any, group: str) -> dict[str, str | None]:
    found = client.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    return {one["Target"]["Id"]: one["Target"].get("AvailabilityZone") for one in found}


def test_the_zone_of_an_address_in_the_vpc_is_inferred(
    client: Any, network: Any, make_group: Callable[..., str], instance: str
) -> None:
    described = network.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    zone = described["Placement"]["AvailabilityZone"]
    group = make_group("addresses", TargetType="ip")
    targets = [{"Id": described["PrivateIpAddress"]}, {"Id": "172.31.0.9"}, {"Id": "127.80.1.99"}]
    client.register_targets(TargetGroupArn=group, Targets=targets)
    assert _zones(client, group) == {
        described["PrivateIpAddress"]: zone,
        "172.31.0.9": "us-east-1a",
        "127.80.1.99": None,
    }


def test_an_address_outside_the_vpc_is_in_all_zones_unless_these_are_kept_apart(
    client: Any, refused: Any, make_group: Callable[..., str]
) -> None:
    group = make_group("addresses", TargetType="ip")
    target = {"Id": "10.1.2.3", "AvailabilityZone": "us-east-1b"}
    client.register_targets(TargetGroupArn=group, Targets=[target])
    assert _zones(client, group) == {"10.1.2.3": "all"}
    zonal = make_group("zonal", TargetType="ip")
    attributes = [{"Key": "load_balancing.cross_zone.enabled", "Value": "false"}]
    client.modify_target_group_attributes(TargetGroupArn=zonal, Attributes=attributes)
    client.register_targets(TargetGroupArn=zonal, Targets=[target])
    assert _zones(client, zonal) == {"10.1.2.3": "us-east-1b"}
    with refused("ValidationError", "The Availability Zone 'all'"):
        client.register_targets(TargetGroupArn=zonal, Targets=[{"Id": "10.1.2.4", "AvailabilityZone": "all"}])


@pytest.mark.usefixtures("listener")
def test_targets_of_a_zone_that_is_not_enabled_are_unused_until_it_is(
    api: Api, client: Any, network: Any, balancer: str, subnets: list[str], group: str
) -> None:
    image = network.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    # The load balancer serves the first two zones; without a subnet instances start there.
    places: list[dict[str, Any]] = [{}, {}, {}, {"SubnetId": subnets[2]}]
    started = [
        network.run_instances(ImageId=image, MinCount=1, MaxCount=1, **place)["Instances"][0]
        for place in places
    ]
    assert [one["SubnetId"] for one in started] == [subnets[0], subnets[1], subnets[0], subnets[2]]
    inside, outside = started[0]["InstanceId"], started[3]["InstanceId"]
    client.register_targets(TargetGroupArn=group, Targets=[{"Id": inside}, {"Id": outside}])
    for instance in (inside, outside):
        _report(api, group, instance, "healthy")
    described = client.describe_target_health(TargetGroupArn=group, Targets=[{"Id": outside}])
    assert described["TargetHealthDescriptions"][0]["TargetHealth"] == {
        "State": "unused",
        "Reason": "Target.NotInUse",
        "Description": "Target is in an Availability Zone that is not enabled for the load balancer",
    }
    _report(api, group, outside, "unused")
    client.set_subnets(LoadBalancerArn=balancer, Subnets=subnets[1:3])
    assert _health(client, group, {"Id": outside}) == [
        (5000, "5000", "initial", "Elb.RegistrationInProgress")
    ]
    assert _health(client, group, {"Id": inside}) == [(5000, "5000", "unused", "Target.NotInUse")]


def test_instances_bring_their_own_zone(client: Any, refused: Any, group: str, instance: str) -> None:
    with refused("ValidationError", "You cannot specify an Availability Zone for a target group"):
        client.register_targets(
            TargetGroupArn=group, Targets=[{"Id": instance, "AvailabilityZone": "us-east-1a"}]
        )


def test_overrides_and_anomalies_are_told_when_asked_for(client: Any, group: str, instance: str) -> None:
    client.register_targets(TargetGroupArn=group, Targets=[{"Id": instance}])
    plain = client.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"][0]
    assert plain["AdministrativeOverride"]["State"] == "no_override"
    assert "AnomalyDetection" not in plain
    asked = client.describe_target_health(TargetGroupArn=group, Include=["AnomalyDetection"])
    assert asked["TargetHealthDescriptions"][0]["AnomalyDetection"]["Result"] == "normal"
