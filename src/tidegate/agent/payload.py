"""Tasks as ACS brings them. Only the members that we act on; unknown ones are ignored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

STOP_TIMEOUT_SECONDS = 30


class PortMapping(msgspec.Struct, rename="camel", frozen=True):
    container_port: int
    host_port: int = 0
    protocol: str = "tcp"


class MountPoint(msgspec.Struct, rename="camel", frozen=True):
    source_volume: str
    container_path: str
    read_only: bool = False


class Dependency(msgspec.Struct, rename="camel", frozen=True):
    container_name: str
    condition: str = "START"


class DockerConfig(msgspec.Struct, rename="camel", frozen=True):
    """Two JSON strings: Docker's own Config and HostConfig, compiled by control."""

    config: str = "{}"
    host_config: str = "{}"


class ContainerPayload(msgspec.Struct, rename="camel", frozen=True):
    name: str
    image: str
    command: list[str] | None = None
    entry_point: list[str] | None = None
    essential: bool = True
    environment: dict[str, str] = {}
    cpu: int = 0
    memory: int = 0
    port_mappings: list[PortMapping] = []
    links: list[str] = []
    depends_on: list[Dependency] = []
    mount_points: list[MountPoint] = []
    stop_timeout: int = 0
    start_timeout: int = 0
    docker_config: DockerConfig = DockerConfig()

    @property
    def config(self) -> Mapping[str, Any]:
        document: Mapping[str, Any] = json.loads(self.docker_config.config or "{}")
        return document

    @property
    def host_config(self) -> Mapping[str, Any]:
        document: Mapping[str, Any] = json.loads(self.docker_config.host_config or "{}")
        return document

    @property
    def has_health_check(self) -> bool:
        return bool(self.config.get("Healthcheck"))

    @property
    def stop_timeout_seconds(self) -> int:
        return self.stop_timeout or STOP_TIMEOUT_SECONDS


class HostVolume(msgspec.Struct, rename="camel", frozen=True):
    source_path: str = ""


class VolumePayload(msgspec.Struct, rename="camel", frozen=True):
    name: str
    type: str = "host"
    host: HostVolume = HostVolume()


class TaskPayload(msgspec.Struct, rename="camel", frozen=True):
    """One task. Without containers it is a stop order."""

    arn: str
    desired_status: str = "RUNNING"
    family: str = ""
    version: str = ""
    containers: list[ContainerPayload] = []
    volumes: list[VolumePayload] = []

    @property
    def id(self) -> str:
        return self.arn.rsplit("/", 1)[-1]

    def container(self, name: str) -> ContainerPayload:
        return next(container for container in self.containers if container.name == name)
