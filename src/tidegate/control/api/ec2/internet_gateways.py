"""Internet gateways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ec2 import finding
from tidegate.control.api.ec2.faults import has_dependencies, invalid
from tidegate.control.api.ec2.reading import Noun, answer, described
from tidegate.control.api.ec2.requests import serves, tags_for
from tidegate.control.api.ec2.views import internet_gateway_view
from tidegate.control.store import Transaction
from tidegate.control.store.tables import INTERNET_GATEWAYS
from tidegate.domain.ec2 import InternetGateway
from tidegate.wire import Call, Fault

INTERNET_GATEWAY = Noun[InternetGateway](
    kind="internet-gateway",
    id_of=lambda row: row.id,
    filters={
        "internet-gateway-id": lambda row: (row.id,),
        "attachment.vpc-id": lambda row: (row.vpc_id,),
        "attachment.state": lambda row: ("available",) if row.vpc_id else (),
    },
    tags_of=lambda row: row.tags,
)


@serves("TagSpecifications")
async def create_internet_gateway(context: ApiContext, call: Call) -> Mapping[str, Any]:
    tags = tags_for(call.parameters, "internet-gateway")
    row = InternetGateway(id=f"igw-{context.ids.hex(17)}", tags=tags)
    await context.store.transact(lambda tx: tx.put(INTERNET_GATEWAYS, row))
    return {"InternetGateway": internet_gateway_view(context, row)}


@serves("Filters", "InternetGatewayIds", "NextToken", "MaxResults")
async def describe_internet_gateways(context: ApiContext, call: Call) -> Mapping[str, Any]:
    rows = context.store.snapshot.all(INTERNET_GATEWAYS)
    page = described(INTERNET_GATEWAY, rows, call.parameters, call.parameters.get("InternetGatewayIds"))
    return answer("InternetGateways", page, lambda row: internet_gateway_view(context, row))


@serves("InternetGatewayId", "VpcId")
async def attach_internet_gateway(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def attach(tx: Transaction) -> None:
        row = finding.internet_gateway(tx.state, call.parameters["InternetGatewayId"])
        vpc = finding.vpc(tx.state, call.parameters["VpcId"])
        if row.vpc_id is not None:
            text = f"resource {row.id} is already attached to network {row.vpc_id}"
            raise Fault("Resource.AlreadyAssociated", text)
        if any(other.vpc_id == vpc.id for other in tx.all(INTERNET_GATEWAYS)):
            raise invalid(f"Network {vpc.id} already has an internet gateway attached")
        tx.put(INTERNET_GATEWAYS, replace(row, vpc_id=vpc.id))

    await context.store.transact(attach)
    return {}


@serves("InternetGatewayId", "VpcId")
async def detach_internet_gateway(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def detach(tx: Transaction) -> None:
        row = finding.internet_gateway(tx.state, call.parameters["InternetGatewayId"])
        vpc = finding.vpc(tx.state, call.parameters["VpcId"])
        if row.vpc_id != vpc.id:
            raise Fault("Gateway.NotAttached", f"resource {row.id} is not attached to network {vpc.id}")
        tx.put(INTERNET_GATEWAYS, replace(row, vpc_id=None))

    await context.store.transact(detach)
    return {}


@serves("InternetGatewayId")
async def delete_internet_gateway(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def delete(tx: Transaction) -> None:
        row = finding.internet_gateway(tx.state, call.parameters["InternetGatewayId"])
        if row.vpc_id is not None:
            raise has_dependencies("internet-gateway", row.id)
        tx.delete(INTERNET_GATEWAYS, row.id)

    await context.store.transact(delete)
    return {}
