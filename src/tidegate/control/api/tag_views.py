"""Tags as EC2, Elastic Load Balancing, IAM and ACM show them; ECS writes its members small."""

from __future__ import annotations

from tidegate.domain.tags import Tags


def tag_list(tags: Tags) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
