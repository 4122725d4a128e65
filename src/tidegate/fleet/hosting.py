"""What control and a host's supervisor tell each other: which virtual instances this host should run.

Websocket `/fleet/host/ws`, signed for the service `tidegate`; text frames `{"type": ..., "message": ...}`.
Control sends a HostDocument on connect and after every change; the supervisor makes its agents match it
and answers with a HostReport. An older generation is ignored.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HOST_PATH = "/fleet/host/ws"
# The root certificate of the installation's authority, in PEM.
AUTHORITY_PATH = "/fleet/certificate-authority.pem"
# What control knows of itself and of what its nodes observe, as JSON.
STATUS_PATH = "/fleet/status"
# The web console: its place below the endpoint, and what it and this command line ask there.
CONSOLE_PREFIX = "/console/"
CONSOLE_CHANGES_PATH = f"{CONSOLE_PREFIX}changes"
CONSOLE_CODES_PATH = f"{CONSOLE_PREFIX}codes"
# Where its build leaves its files; without one there is no such folder.
CONSOLE_FOLDER = Path(__file__).parents[1] / "console_static"
SERVICE = "tidegate"


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualInstance:
    """One agent to run, with the resources of its instance type (CPU units, MiB)."""

    instance_id: str
    cluster_name: str
    address: str
    availability_zone: str
    instance_type: str
    cpu: int
    memory_mib: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HostDocument:
    """Every virtual instance of the host. One that is missing is to be ended with its containers."""

    generation: int
    instances: tuple[VirtualInstance, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HostReport:
    """Which agents run, at which generation. `killed`: instances that an operator killed, which are
    neither restarted nor running."""

    generation: int
    running: tuple[str, ...]
    killed: tuple[str, ...] = ()
