"""Capacity reservations: there are none, since the machine's capacity is what it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.elbv2 import faults, finding
from tidegate.control.api.honoured import honours
from tidegate.wire import Call, Operation


@honours("LoadBalancerArn")
async def describe_capacity_reservation(context: ApiContext, call: Call) -> Mapping[str, Any]:
    finding.load_balancer(context.store.snapshot, call.parameters["LoadBalancerArn"])
    return {"CapacityReservationState": []}


@honours("LoadBalancerArn", "MinimumLoadBalancerCapacity", "ResetCapacityReservation")
async def modify_capacity_reservation(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Reset a reservation, of which nothing is left to do; a reservation itself is refused by name."""
    finding.load_balancer(context.store.snapshot, call.parameters["LoadBalancerArn"])
    minimum = call.parameters.get("MinimumLoadBalancerCapacity")
    is_reset = bool(call.parameters.get("ResetCapacityReservation"))
    if bool(minimum) == is_reset:
        # AWS's words are not known.
        raise faults.misconfigured(
            "Specify exactly one of MinimumLoadBalancerCapacity and ResetCapacityReservation"
        )
    if minimum:
        raise faults.unsupported("A capacity reservation (MinimumLoadBalancerCapacity)")
    return {"CapacityReservationState": []}


OPERATIONS: Mapping[str, Operation] = {
    "DescribeCapacityReservation": Operation(describe_capacity_reservation),
    "ModifyCapacityReservation": Operation(modify_capacity_reservation, "resets only: nothing is reserved"),
}
