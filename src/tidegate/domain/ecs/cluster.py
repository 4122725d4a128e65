"""A cluster: the name under which services, tasks and container instances meet."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from tidegate.domain.tags import Tags

# The one that requests mean which name none, and the only one that an agent makes by itself.
DEFAULT_CLUSTER = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """ACTIVE until deleted; then INACTIVE, still described for a while, as AWS does."""

    arn: str
    name: str
    status: str = "ACTIVE"
    created_at: datetime
    settings: Tags = field(default_factory=dict)
    tags: Tags = field(default_factory=dict)

    @property
    def has_insights(self) -> bool:
        return self.settings.get("containerInsights") in ("enabled", "enhanced")

    @property
    def has_enhanced_insights(self) -> bool:
        """Of single tasks and containers too."""
        return self.settings.get("containerInsights") == "enhanced"
