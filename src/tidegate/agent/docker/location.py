"""Where the Docker Engine listens."""

from __future__ import annotations

import os


def socket_path() -> str:
    """DOCKER_HOST where it names a socket, else the usual place."""
    host = os.environ.get("DOCKER_HOST", "")
    return host.removeprefix("unix://") if host.startswith("unix://") else "/var/run/docker.sock"
