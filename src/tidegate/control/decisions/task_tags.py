"""The tags that ECS gives to a task where a service or a request enables them."""

from __future__ import annotations

from tidegate.domain.arns import arn_name
from tidegate.domain.tags import Tags


def managed_tags(cluster_arn: str, service_name: str | None = None) -> Tags:
    """Of `enableECSManagedTags`."""
    tags = {"aws:ecs:clusterName": arn_name(cluster_arn)}
    return tags if service_name is None else {**tags, "aws:ecs:serviceName": service_name}
