"""Security groups."""

from __future__ import annotations

from dataclasses import dataclass, field

from tidegate.domain.tags import Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionPeer:
    """Who may speak: exactly one of a CIDR block (v4 or v6) or another security group."""

    cidr: str | None = None
    group_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityGroupRule:
    """`protocol` -1 means all; ports are None then."""

    id: str
    is_egress: bool
    protocol: str
    from_port: int | None = None
    to_port: int | None = None
    peer: PermissionPeer
    description: str | None = None
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityGroup:
    id: str
    name: str
    description: str
    vpc_id: str
    rules: tuple[SecurityGroupRule, ...] = ()
    tags: Tags = field(default_factory=dict)
