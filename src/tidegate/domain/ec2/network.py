"""Networks as clients describe them: Tidegate checks membership, the machine does the routing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tidegate.domain.tags import Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Vpc:
    id: str
    cidr_block: str
    is_default: bool = False
    attributes: Mapping[str, bool] = field(default_factory=dict)
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subnet:
    id: str
    vpc_id: str
    cidr_block: str
    availability_zone: str
    is_default_for_zone: bool = False
    map_public_ip_on_launch: bool = False
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class InternetGateway:
    id: str
    vpc_id: str | None = None
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    destination_cidr_block: str
    gateway_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteTable:
    """`associations`: association id -> subnet id; the main table's own association has an empty one."""

    id: str
    vpc_id: str
    is_main: bool = False
    routes: tuple[Route, ...] = ()
    associations: Mapping[str, str] = field(default_factory=dict)
    client_token: str | None = None
    tags: Tags = field(default_factory=dict)
