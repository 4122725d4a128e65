"""ACS: the orders that control sends to agents over a websocket, as messages.

Frames are text, `{"type": NAME, "message": {...}}`. Only the members that our agent acts on are named
here; unknown ones are ignored, as the protocol wants it. Source: agent-protocol.md, sections 4 and 5.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

STOP_TIMEOUT_SECONDS = 30
START_TIMEOUT_SECONDS = 180


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
    """`stop_timeout` and `start_timeout` 0: not given."""

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
    health_check_type: str = ""
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
    def stop_timeout_seconds(self) -> int:
        return self.stop_timeout or STOP_TIMEOUT_SECONDS

    @property
    def start_timeout_seconds(self) -> int:
        return self.start_timeout or START_TIMEOUT_SECONDS

    @property
    def has_health_check(self) -> bool:
        return self.health_check_type == "docker"


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


class TaskReference(msgspec.Struct, rename="camel", frozen=True):
    """A task in a manifest, or one that is to stop."""

    task_arn: str
    task_cluster_arn: str = ""
    desired_status: str = "STOPPED"


class Message(msgspec.Struct, rename="camel", frozen=True):
    """Any message to the agent. `tasks` are payloads or references, as its frame's type says, each
    decoded apart, so that one that cannot be understood spoils no other."""

    message_id: str = ""
    cluster_arn: str = ""
    container_instance_arn: str = ""
    timeline: int = 0
    tasks: list[msgspec.Raw] = []
    stop_tasks: list[TaskReference] = []


class Frame(msgspec.Struct, frozen=True):
    type: str
    message: Message = Message()


def decode(text: str) -> Frame | None:
    """The frame, or None for one that cannot be understood."""
    try:
        return msgspec.json.decode(text, type=Frame)
    except msgspec.MsgspecError:
        return None


def encode(kind: str, message: Mapping[str, Any]) -> str:
    return json.dumps({"type": kind, "message": message}, separators=(",", ":"))


def heartbeat_ack(message: Message) -> str:
    return encode("HeartbeatAckRequest", {"messageId": message.message_id})


def ack(message: Message) -> str:
    """The acknowledgement of a payload or a manifest."""
    members = {
        "cluster": message.cluster_arn,
        "containerInstance": message.container_instance_arn,
        "messageId": message.message_id,
    }
    return encode("AckRequest", members)


def stop_verification(message: Message, candidates: Sequence[TaskReference]) -> str:
    """Ask whether tasks that a manifest does not name are really to be stopped."""
    stop_candidates = [
        {
            "taskArn": candidate.task_arn,
            "taskClusterArn": candidate.task_cluster_arn,
            "desiredStatus": candidate.desired_status,
        }
        for candidate in candidates
    ]
    return encode(
        "TaskStopVerificationMessage", {"messageId": message.message_id, "stopCandidates": stop_candidates}
    )
