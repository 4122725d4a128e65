"""Machine images: Tidegate has the ECS-optimised ones, since what starts is an agent, not a machine.

An image's id follows from its region and name, so that EC2's and SSM's answers agree and stay the same.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

AGENT_VERSION = "1.99.0"
DOCKER_VERSION = "25.0.8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """`family` is the image's place among SSM's public parameters."""

    id: str
    name: str
    description: str
    family: str
    operating_system: str
    version: str
    root_device_name: str
    created_at: str


def images(region: str) -> tuple[Image, ...]:
    """The images of a region, the one that most stacks use first."""
    return (
        _image(
            region,
            name="amzn2-ami-ecs-hvm-2.0.20250610-x86_64-ebs",
            description="Amazon Linux AMI 2.0.20250610 x86_64 ECS HVM GP2",
            family="amazon-linux-2",
            operating_system="Amazon Linux 2",
            version="2.0.20250610",
        ),
        _image(
            region,
            name="al2023-ami-ecs-hvm-2023.0.20250610-kernel-6.1-x86_64",
            description="Amazon Linux AMI 2023.0.20250610 x86_64 ECS HVM EBS",
            family="amazon-linux-2023",
            operating_system="Amazon Linux 2023",
            version="2023.0.20250610",
        ),
    )


def _image(
    region: str, *, name: str, description: str, family: str, operating_system: str, version: str
) -> Image:
    return Image(
        id="ami-" + hashlib.sha256(f"{region}/{name}".encode()).hexdigest()[:17],
        name=name,
        description=description,
        family=family,
        operating_system=operating_system,
        version=version,
        root_device_name="/dev/xvda",
        created_at="2025-06-10T20:00:00.000Z",
    )
