"""The region, its zones and the account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ec2 import finding
from tidegate.control.api.ec2.faults import invalid
from tidegate.control.api.ec2.filters import matching
from tidegate.control.api.ec2.requests import serves
from tidegate.domain.ec2.zones import Zone, zones
from tidegate.wire import Call

_NO_OPT_IN = "opt-in-not-required"


@serves("ZoneNames", "ZoneIds", "AllAvailabilityZones", "Filters")
async def describe_availability_zones(context: ApiContext, call: Call) -> Mapping[str, Any]:
    region = context.settings.region
    found = list(zones(region))
    for member, attribute in (("ZoneNames", "name"), ("ZoneIds", "id")):
        asked = call.parameters.get(member)
        if asked:
            known = {getattr(zone, attribute): zone for zone in found}
            unknown = [one for one in asked if one not in known]
            if unknown:
                raise invalid(f"Invalid availability zone: [{unknown[0]}]")
            found = [known[one] for one in asked]
    filters = {
        "zone-name": lambda zone: (zone.name,),
        "zone-id": lambda zone: (zone.id,),
        "region-name": lambda _: (region,),
        "group-name": lambda _: (_group(region),),
        "state": lambda _: ("available",),
        "zone-type": lambda _: ("availability-zone",),
        "opt-in-status": lambda _: (_NO_OPT_IN,),
    }
    found = matching(found, call.parameters.get("Filters") or (), filters)
    return {"AvailabilityZones": [_zone_view(region, zone) for zone in found]}


def _group(region: str) -> str:
    return f"{region}-zg-1"


def _zone_view(region: str, zone: Zone) -> dict[str, Any]:
    return {
        "ZoneName": zone.name,
        "ZoneId": zone.id,
        "RegionName": region,
        "GroupName": _group(region),
        "NetworkBorderGroup": region,
        "OptInStatus": _NO_OPT_IN,
        "State": "available",
        "ZoneType": "availability-zone",
        "Messages": [],
    }


@serves("RegionNames", "AllRegions", "Filters")
async def describe_regions(context: ApiContext, call: Call) -> Mapping[str, Any]:
    region = context.settings.region
    for name in call.parameters.get("RegionNames") or ():
        if name != region:
            raise invalid(f"Invalid region: {name}")
    endpoint = f"ec2.{region}.amazonaws.com"
    filters = {
        "region-name": lambda one: (one,),
        "endpoint": lambda _: (endpoint,),
        "opt-in-status": lambda _: (_NO_OPT_IN,),
    }
    found = matching([region], call.parameters.get("Filters") or (), filters)
    return {
        "Regions": [{"RegionName": one, "Endpoint": endpoint, "OptInStatus": _NO_OPT_IN} for one in found]
    }


@serves("AttributeNames")
async def describe_account_attributes(context: ApiContext, call: Call) -> Mapping[str, Any]:
    default = finding.default_vpc(context.store.snapshot)
    attributes = {
        "supported-platforms": "VPC",
        "default-vpc": default.id if default else "none",
        "max-instances": "254",
        "vpc-max-security-groups-per-interface": "5",
        "max-elastic-ips": "0",
        "vpc-max-elastic-ips": "0",
    }
    asked = call.parameters.get("AttributeNames") or list(attributes)
    unknown = [name for name in asked if name not in attributes]
    if unknown:
        raise invalid(f"Value ({unknown[0]}) for parameter attributeName is invalid. Unknown attribute.")
    return {
        "AccountAttributes": [
            {"AttributeName": name, "AttributeValues": [{"AttributeValue": attributes[name]}]}
            for name in asked
        ]
    }
