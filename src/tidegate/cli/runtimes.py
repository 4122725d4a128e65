"""Which runtime tasks run on."""

from __future__ import annotations

import os
import socket


class RuntimeMissingError(Exception):
    """The runtime that was asked for is not there; the message says what to do."""


def docker_socket() -> str:
    """Path of the Docker Engine's socket: DOCKER_HOST where it names one, else the usual place."""
    host = os.environ.get("DOCKER_HOST", "")
    return host.removeprefix("unix://") if host.startswith("unix://") else "/var/run/docker.sock"


def docker_answers() -> bool:
    """Whether a Docker Engine answers on its socket."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            connection.connect(docker_socket())
            connection.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            return b" 200 " in connection.recv(64)
    except OSError:
        return False


def choose_runtime(asked: str) -> str:
    """docker or process; raises RuntimeMissingError."""
    if asked == "process":
        return "process"
    if asked not in ("auto", "docker"):
        raise RuntimeMissingError(f"--runtime takes auto, docker or process, not {asked}")
    if docker_answers():
        return "docker"
    if asked == "docker":
        raise RuntimeMissingError(
            f"no Docker Engine answers on {docker_socket()}: start it, or use --runtime process"
        )
    return "process"
