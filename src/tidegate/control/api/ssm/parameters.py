"""The public parameters that give the ECS-optimised images: derived from them, not stored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from tidegate.domain.ec2.image import AGENT_VERSION, DOCKER_VERSION, Image, images

ROOT = "/aws/service/ecs/optimized-ami"
_SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    name: str
    value: str
    modified_at: datetime


def public_parameters(region: str) -> dict[str, Parameter]:
    """Every public parameter of a region by its name."""
    return {parameter.name: parameter for image in images(region) for parameter in _of_image(image)}


def _of_image(image: Image) -> Iterator[Parameter]:
    modified_at = datetime.fromisoformat(image.created_at).astimezone(UTC)
    facts = {
        "ecs_agent_version": AGENT_VERSION,
        "ecs_runtime_version": f"Docker version {DOCKER_VERSION}",
        "image_id": image.id,
        "image_name": image.name,
        "image_version": image.version,
        "os": image.operating_system,
        "schema_version": _SCHEMA_VERSION,
    }
    whole = json.dumps(facts, separators=(",", ":"))
    for path in ("recommended", image.name):
        name = f"{ROOT}/{image.family}/{path}"
        yield Parameter(name=name, value=whole, modified_at=modified_at)
        for fact, value in facts.items():
            yield Parameter(name=f"{name}/{fact}", value=str(value), modified_at=modified_at)
