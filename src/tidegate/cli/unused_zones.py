"""Targets in zones that their load balancer does not serve, and how to have it serve them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tidegate.cli.troubles import names_of


def trouble_of_zones(
    elbv2: Any, ec2: Any, group: Mapping[str, Any], described: Sequence[Mapping[str, Any]]
) -> str | None:
    """The trouble of a group with targets in such zones, with its mend. `group` as DescribeTargetGroups shows
    it, `described` as DescribeTargetHealth shows its targets. Raises ClientError and BotoCoreError."""
    unused = [one["Target"] for one in described if _is_elsewhere(one["TargetHealth"])]
    if not unused or not group["LoadBalancerArns"]:
        return None
    arns = group["LoadBalancerArns"][:1]
    (balancer,) = elbv2.describe_load_balancers(LoadBalancerArns=arns)["LoadBalancers"]
    in_vpc = [{"Name": "vpc-id", "Values": [balancer["VpcId"]]}]
    found = ec2.describe_subnets(Filters=in_vpc)["Subnets"]
    subnets = {one["AvailabilityZone"]: one["SubnetId"] for one in found}
    instances = _zones_of_instances(ec2, [target["Id"] for target in unused])
    zones = {instances.get(target["Id"]) or target.get("AvailabilityZone", "") for target in unused}
    return zone_trouble(group["TargetGroupName"], unused, sorted(zones - {""}), balancer, subnets)


def zone_trouble(
    group: str,
    targets: Sequence[Mapping[str, Any]],
    zones: Sequence[str],
    balancer: Mapping[str, Any],
    subnets: Mapping[str, str],
) -> str:
    """`zones`: of the targets, as far as they are known. `subnets`: one of each zone that has any."""
    where = " and ".join(zones) or "a zone"
    present = [one["SubnetId"] for one in balancer["AvailabilityZones"]]
    more = [subnets[zone] for zone in zones if zone in subnets]
    wanted = " ".join([*present, *more]) if more else "SUBNETS (one in each zone)"
    arn = balancer["LoadBalancerArn"]
    return (
        f"{group}: {names_of(targets)} unused: in {where}, not enabled for the load balancer "
        f"{balancer['LoadBalancerName']}, which sends nothing there: start instances in its zones, or "
        f"enable more with `aws elbv2 set-subnets --load-balancer-arn {arn} --subnets {wanted}`"
    )


def _is_elsewhere(health: Mapping[str, Any]) -> bool:
    """The reason is also that of groups without a load balancer: only its words tell."""
    return health.get("Reason") == "Target.NotInUse" and "Availability Zone" in health.get("Description", "")


def _zones_of_instances(ec2: Any, ids: Sequence[str]) -> dict[str, str]:
    """By the ids of those that are instances of EC2's: machines of one's own and addresses are not."""
    named = [{"Name": "instance-id", "Values": sorted(set(ids))}]
    pages = ec2.get_paginator("describe_instances").paginate(Filters=named)
    return {
        instance["InstanceId"]: instance["Placement"]["AvailabilityZone"]
        for page in pages
        for reservation in page["Reservations"]
        for instance in reservation["Instances"]
    }
