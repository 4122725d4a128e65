"""Instance types: those that virtual instances come in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ec2.faults import invalid_for
from tidegate.control.api.ec2.filters import boolean as boolean_values
from tidegate.control.api.ec2.reading import Noun, answer, described
from tidegate.control.api.ec2.requests import serves
from tidegate.domain.ec2.instance import INSTANCE_TYPES
from tidegate.domain.ec2.zones import zones
from tidegate.wire import Call, Fault

_CPU_UNITS_PER_CORE = 1024
# What the maker says, of which the ECS agent registers somewhat less.
_MEMORY_MIB = {"nano": 512, "micro": 1024, "small": 2048, "medium": 4096, "large": 8192, "xlarge": 16384}
_MEMORY_MIB_OF = {"c5.large": 4096}


@dataclass(frozen=True, slots=True)
class InstanceType:
    name: str

    @property
    def cores(self) -> int:
        return INSTANCE_TYPES[self.name][0] // _CPU_UNITS_PER_CORE

    @property
    def memory_mib(self) -> int:
        return _MEMORY_MIB_OF.get(self.name) or _MEMORY_MIB[self.name.partition(".")[2]]

    @property
    def is_burstable(self) -> bool:
        return self.name.startswith("t")

    @property
    def hypervisor(self) -> str:
        return "xen" if self.name.startswith("t2") else "nitro"


INSTANCE_TYPE = Noun[InstanceType](
    kind="instance",
    id_of=lambda row: row.name,
    filters={
        "instance-type": lambda row: (row.name,),
        "bare-metal": lambda _: ("false",),
        "current-generation": lambda _: ("true",),
        "burstable-performance-supported": lambda row: boolean_values(row.is_burstable),
        "free-tier-eligible": lambda row: boolean_values(row.name in ("t2.micro", "t3.micro")),
        "hypervisor": lambda row: (row.hypervisor,),
        "instance-storage-supported": lambda _: ("false",),
        "memory-info.size-in-mib": lambda row: (str(row.memory_mib),),
        "processor-info.supported-architecture": lambda _: ("x86_64",),
        "supported-root-device-type": lambda _: ("ebs",),
        "supported-usage-class": lambda _: ("on-demand",),
        "supported-virtualization-type": lambda _: ("hvm",),
        "vcpu-info.default-vcpus": lambda row: (str(row.cores),),
        "vcpu-info.default-cores": lambda row: (str(row.cores),),
    },
)


@serves("InstanceTypes", "Filters", "NextToken", "MaxResults")
async def describe_instance_types(context: ApiContext, call: Call) -> Mapping[str, Any]:  # noqa: ARG001
    asked = call.parameters.get("InstanceTypes") or ()
    unknown = [name for name in asked if name not in INSTANCE_TYPES]
    if unknown:
        text = f"The following supplied instance types do not exist: [{', '.join(unknown)}]"
        raise Fault("InvalidInstanceType", text)
    rows = [InstanceType(name) for name in asked or INSTANCE_TYPES]
    page = described(INSTANCE_TYPE, rows, call.parameters, None)
    return answer("InstanceTypes", page, _view)


def _view(row: InstanceType) -> dict[str, Any]:
    return {
        "InstanceType": row.name,
        "CurrentGeneration": True,
        "FreeTierEligible": row.name in ("t2.micro", "t3.micro"),
        "SupportedUsageClasses": ["on-demand"],
        "SupportedRootDeviceTypes": ["ebs"],
        "SupportedVirtualizationTypes": ["hvm"],
        "BareMetal": False,
        "Hypervisor": row.hypervisor,
        "ProcessorInfo": {"SupportedArchitectures": ["x86_64"]},
        "VCpuInfo": {"DefaultVCpus": row.cores, "DefaultCores": row.cores, "DefaultThreadsPerCore": 1},
        "MemoryInfo": {"SizeInMiB": row.memory_mib},
        "InstanceStorageSupported": False,
        "EbsInfo": {"EbsOptimizedSupport": "unsupported", "EncryptionSupport": "unsupported"},
        "NetworkInfo": {
            "MaximumNetworkInterfaces": 1,
            "MaximumNetworkCards": 1,
            "Ipv4AddressesPerInterface": 1,
            "Ipv6AddressesPerInterface": 0,
            "Ipv6Supported": False,
            "EnaSupport": "unsupported",
        },
        "PlacementGroupInfo": {"SupportedStrategies": []},
        "HibernationSupported": False,
        "BurstablePerformanceSupported": row.is_burstable,
        "DedicatedHostsSupported": False,
        "AutoRecoverySupported": False,
    }


@dataclass(frozen=True, slots=True)
class _Offering:
    instance_type: str
    location_type: str
    location: str


OFFERING = Noun[_Offering](
    kind="instance",
    id_of=lambda row: f"{row.instance_type}@{row.location}",
    filters={
        "instance-type": lambda row: (row.instance_type,),
        "location": lambda row: (row.location,),
    },
)


@serves("LocationType", "Filters", "NextToken", "MaxResults")
async def describe_instance_type_offerings(context: ApiContext, call: Call) -> Mapping[str, Any]:
    location_type = call.parameters.get("LocationType", "region")
    page = described(OFFERING, _offerings(context.settings.region, location_type), call.parameters, None)
    return answer(
        "InstanceTypeOfferings",
        page,
        lambda row: {
            "InstanceType": row.instance_type,
            "LocationType": row.location_type,
            "Location": row.location,
        },
    )


def _offerings(region: str, location_type: str) -> Iterator[_Offering]:
    locations = {
        "region": [region],
        "availability-zone": [zone.name for zone in zones(region)],
        "availability-zone-id": [zone.id for zone in zones(region)],
    }
    if location_type not in locations:
        raise invalid_for("locationType", location_type, "Unknown type of location.")
    for name in INSTANCE_TYPES:
        for location in locations[location_type]:
            yield _Offering(name, location_type, location)
