"""Roles, their policies, and instance profiles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tidegate.domain.tags import Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """`inline_policies`: name -> document text; `attached_policies`: ARNs in order of attachment."""

    id: str
    arn: str
    name: str
    path: str = "/"
    assume_role_policy_document: str
    description: str | None = None
    max_session_duration_seconds: int = 3600
    inline_policies: Mapping[str, str] = field(default_factory=dict)
    attached_policies: tuple[str, ...] = ()
    created_at: datetime
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceProfile:
    id: str
    arn: str
    name: str
    path: str = "/"
    roles: tuple[str, ...] = ()
    created_at: datetime
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    id: str
    arn: str
    name: str
    path: str = "/"
    description: str | None = None
    document: str
    created_at: datetime
    tags: Tags = field(default_factory=dict)
