"""What one agent is told at its start."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSettings:
    """`cpu` in CPU units, `memory_mib` in MiB: what the instance registers. `address`: the only address
    that its containers' ports are bound on. `runtime`: docker or process. `metrics_listen`: HOST:PORT of
    `/metrics`; None: a free port of loopback's."""

    data_dir: Path
    images: Path
    endpoint: str
    cluster: str
    instance_id: str
    address: str
    availability_zone: str
    instance_type: str
    cpu: int
    memory_mib: int
    runtime: str
    region: str
    account: str
    access_key: str
    secret_key: str = field(repr=False)
    metrics_listen: str | None = None
