"""What control and a host's supervisor tell each other: which virtual instances run here.

Socket: `/fleet/host/ws`, text frames `{"type": NAME, "message": {...}}`, the upgrade signed (SigV4,
service `tidegate`). Control sends a `HostDocument` on connection and on every change; the supervisor
answers each with a `HostReport` and sends one whenever an agent starts, dies or is killed.

The document is the whole truth: an agent that it lists is kept running, and one that it no longer lists
is ended together with its containers and its data, since its EC2 instance was terminated. A supervisor
that has no control to ask keeps what it has: silence means nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

HOST_DOCUMENT = "HostDocument"
HOST_REPORT = "HostReport"

AgentState = Literal["starting", "running", "killed", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualInstance:
    """An agent to keep running, with what goes on its command line."""

    id: str
    cluster: str
    address: str
    availability_zone: str
    instance_type: str
    cpu: int
    memory_mib: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HostDocument:
    """Every virtual instance of this host. `generation` grows; an older document is refused."""

    generation: int
    instances: tuple[VirtualInstance, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentReport:
    """`killed`: by `tidegate instance kill`, and not restarted; `failed`: it keeps dying, `detail` says
    how."""

    id: str
    state: AgentState
    pid: int | None = None
    restarts: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostReport:
    """All agents of this host, and the generation of the document that they follow."""

    generation: int
    agents: tuple[AgentReport, ...]
