"""Network interfaces: not stored, but what instances and load balancers have.

An instance has one, its primary; a load balancer one in each of its subnets. Their addresses are the
loopback addresses on which instance and load balancer really answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from tidegate.control.api.context import ApiContext
from tidegate.control.store import Snapshot
from tidegate.control.store.tables import INSTANCES, LOAD_BALANCERS
from tidegate.domain.ec2 import Instance
from tidegate.domain.elbv2 import LoadBalancer
from tidegate.domain.tags import Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkInterface:
    id: str
    attachment_id: str
    attachment_owner_id: str
    attached_at: datetime
    instance_id: str | None = None
    description: str = ""
    subnet_id: str
    vpc_id: str
    availability_zone: str
    private_ip_address: str
    public_ip_address: str | None = None
    security_groups: tuple[str, ...]
    tags: Tags = field(default_factory=dict)

    @property
    def is_requester_managed(self) -> bool:
        return self.instance_id is None

    @property
    def mac_address(self) -> str:
        """A locally administered address that follows from the IP address, as some clouds make them."""
        octets = [int(part) for part in self.private_ip_address.split(".")]
        return ":".join(f"{octet:02x}" for octet in (0x02, 0x00, *octets))


def interfaces(context: ApiContext, state: Snapshot) -> Iterator[NetworkInterface]:
    """Every network interface of the region."""
    for instance in state.all(INSTANCES):
        if instance.state != "terminated":
            yield instance_interface(context, instance)
    for balancer in state.all(LOAD_BALANCERS):
        yield from _of_load_balancer(balancer)


def interfaces_of_subnet(context: ApiContext, state: Snapshot, subnet_id: str) -> list[NetworkInterface]:
    """The interfaces that hold an address of a subnet."""
    found = [
        instance_interface(context, instance)
        for instance in state.by(INSTANCES, "subnet", subnet_id)
        if instance.state != "terminated"
    ]
    for balancer in state.all(LOAD_BALANCERS):
        found += [one for one in _of_load_balancer(balancer) if one.subnet_id == subnet_id]
    return found


def instance_interface(context: ApiContext, row: Instance) -> NetworkInterface:
    return NetworkInterface(
        id=row.network_interface_id,
        attachment_id=f"eni-attach-{row.network_interface_id.rpartition('-')[2]}",
        attachment_owner_id=context.settings.account,
        attached_at=row.launched_at,
        instance_id=row.id,
        subnet_id=row.subnet_id,
        vpc_id=row.vpc_id,
        availability_zone=row.availability_zone,
        private_ip_address=row.private_ip_address,
        public_ip_address=row.private_ip_address if row.has_public_address else None,
        security_groups=row.security_groups,
    )


def _of_load_balancer(row: LoadBalancer) -> Iterator[NetworkInterface]:
    _, name, lb_id = row.arn.rsplit("/", 2)
    for number, zone in enumerate(row.zones):
        suffix = f"{lb_id}{number:x}"
        yield NetworkInterface(
            id=f"eni-{suffix}",
            attachment_id=f"ela-attach-{suffix}",
            attachment_owner_id="amazon-elb",
            attached_at=row.created_at,
            description=f"ELB app/{name}/{lb_id}",
            subnet_id=zone.subnet_id,
            vpc_id=row.vpc_id,
            availability_zone=zone.zone_name,
            private_ip_address=row.address,
            public_ip_address=row.address if row.scheme == "internet-facing" else None,
            security_groups=row.security_groups,
        )
