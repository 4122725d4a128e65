"""Key pairs: generated or imported; the private half is handed out once and never kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from tidegate.domain.tags import Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    id: str
    name: str
    key_type: str
    fingerprint: str
    public_key: str
    created_at: datetime
    tags: Tags = field(default_factory=dict)
