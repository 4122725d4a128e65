"""The clusters in which something is looked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def clusters(ecs: Any) -> Iterator[str]:
    """The ARNs of all. Raises ClientError and BotoCoreError."""
    for page in ecs.get_paginator("list_clusters").paginate():
        yield from page["clusterArns"]


def clusters_of(ecs: Any, service: str) -> list[str]:
    """Where a service may be: the cluster that its ARN names, all for a bare name. Raises as `clusters`."""
    parts = service.split("/")
    return [parts[-2]] if len(parts) == 3 else list(clusters(ecs))
