"""Targets of groups of type ip: which addresses may be targets, and the zone that each is in."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tidegate.control.api.elbv2 import faults
from tidegate.control.store import Transaction
from tidegate.control.store.tables import INSTANCES, SUBNETS
from tidegate.domain.elbv2 import ALL_ZONES, TargetGroup

_PRIVATE = tuple(
    ipaddress.IPv4Network(block)
    for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)


@dataclass(frozen=True, slots=True)
class AddressInZone:
    """`zone`: a zone's name, `all`, or None where the address is in the VPC but in no subnet's zone."""

    address: str
    zone: str | None


def addresses(
    tx: Transaction, group: TargetGroup, given: Sequence[Mapping[str, Any]], network: str
) -> list[AddressInZone]:
    """Where the addresses are; raises ValidationError for one that cannot be a target. `network`: the first
    two numbers of the addresses that this installation's instances have."""
    own = ipaddress.IPv4Network(f"{network}.0.0/16")
    subnets = {
        ipaddress.IPv4Network(row.cidr_block): row.availability_zone
        for row in tx.by(SUBNETS, "vpc", group.vpc_id)
    }
    instances = {row.private_ip_address: row.availability_zone for row in tx.all(INSTANCES)}
    places = []
    for item in given:
        address = _address(item["Id"])
        if not any(address in block for block in (own, *subnets, *_PRIVATE)):
            raise faults.invalid(
                f"The IP address '{address}' is not allowed, as it must be an address from a VPC subnet, "
                "RFC1918, or RFC6598"
            )
        in_subnet = next((zone for block, zone in subnets.items() if address in block), None)
        zone = instances.get(str(address)) or in_subnet
        if zone is None and address not in own:
            zone = _outside_zone(group, str(address), item.get("AvailabilityZone"), set(subnets.values()))
        places.append(AddressInZone(str(address), zone))
    return places


def _address(text: str) -> ipaddress.IPv4Address:
    try:
        return ipaddress.IPv4Address(text)
    except ValueError as error:
        raise faults.invalid(f"The IP address '{text}' is not a valid IPv4 address") from error


def _outside_zone(group: TargetGroup, address: str, given: str | None, zones: set[str]) -> str:
    """The zone of an address outside the VPC: a particular one counts only where zones are kept apart."""
    if not given:
        # Clients look for the words from "you must" on.
        raise faults.invalid(
            f"Outside of the VPC, you must specify an Availability Zone for IP target '{address}'"
        )
    if group.attribute("load_balancing.cross_zone.enabled") != "false":
        return ALL_ZONES
    if given not in zones:
        # AWS's words are not known.
        raise faults.invalid(
            f"The Availability Zone '{given}' of IP target '{address}' must be one of the VPC's while "
            "cross-zone load balancing is disabled"
        )
    return given
