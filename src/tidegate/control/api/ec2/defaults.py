"""The default VPC that every account has: a subnet in each zone and a way to the internet."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ec2 import finding
from tidegate.control.api.ec2.requests import serves
from tidegate.control.api.ec2.views import vpc_view
from tidegate.control.api.ec2.vpcs import add_vpc
from tidegate.control.store import Transaction
from tidegate.control.store.tables import INTERNET_GATEWAYS, ROUTE_TABLES, SUBNETS, VPCS
from tidegate.domain.ec2 import InternetGateway, Route, Subnet, Vpc
from tidegate.domain.ec2.zones import zones
from tidegate.wire import Call, Fault

_RANGE = "172.31.0.0/16"
_SUBNET_PREFIX = 20


async def ensure_defaults(context: ApiContext) -> None:
    """Make the default VPC of a region that has no VPC yet: at control's start, before it serves.

    A user may delete the default VPC; as long as another one is there, it stays deleted.
    """

    def ensure(tx: Transaction) -> None:
        if next(tx.all(VPCS), None) is None:
            add_default_vpc(context, tx)

    await context.store.transact(ensure)


def add_default_vpc(context: ApiContext, tx: Transaction) -> Vpc:
    """A new default VPC, as EC2 makes it."""
    vpc = add_vpc(context, tx, _RANGE, is_default=True, tags={})
    ranges = ipaddress.IPv4Network(_RANGE).subnets(new_prefix=_SUBNET_PREFIX)
    named = zones(context.settings.region)
    # In the order of their zones: who takes the first two of a list has the zones where instances start.
    ids = sorted(context.ids.hex(17) for _ in named)
    for zone, cidr_block, subnet_id in zip(named, ranges, ids, strict=False):
        subnet = Subnet(
            id=f"subnet-{subnet_id}",
            vpc_id=vpc.id,
            cidr_block=str(cidr_block),
            availability_zone=zone.name,
            is_default_for_zone=True,
            map_public_ip_on_launch=True,
        )
        tx.put(SUBNETS, subnet)
    gateway = InternetGateway(id=f"igw-{context.ids.hex(17)}", vpc_id=vpc.id)
    tx.put(INTERNET_GATEWAYS, gateway)
    main = finding.main_route_table(tx.state, vpc.id)
    everywhere = Route(destination_cidr_block="0.0.0.0/0", gateway_id=gateway.id)
    tx.put(ROUTE_TABLES, replace(main, routes=(everywhere,)))
    return vpc


@serves()
async def create_default_vpc(context: ApiContext, call: Call) -> Mapping[str, Any]:  # noqa: ARG001
    def create(tx: Transaction) -> Vpc:
        if finding.default_vpc(tx.state) is not None:
            text = "A Default VPC already exists for this account in this region."
            raise Fault("DefaultVpcAlreadyExists", text)
        return add_default_vpc(context, tx)

    return {"Vpc": vpc_view(context, await context.store.transact(create))}
