"""Which runtime tasks run on."""

from __future__ import annotations

import re
import socket

from tidegate.agent.docker.location import socket_path


class RuntimeMissingError(Exception):
    """The runtime that was asked for is not there; the message says what to do."""


def docker_version() -> str | None:
    """The version of the Docker Engine that answers on its socket; None when none does."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            connection.connect(socket_path())
            connection.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            answer = b"".join(iter(lambda: connection.recv(4096), b""))
    except OSError:
        return None
    if b" 200 " not in answer.split(b"\r\n", 1)[0]:
        return None
    named = re.search(rb"^Server: \w+/(\S+)", answer, re.MULTILINE)
    return named[1].decode() if named else "of an unknown version"


def choose_runtime(asked: str | None, known: str | None = None) -> str:
    """docker or process: what is asked for, else what is `known` from before, else Docker where it answers.
    The Docker that is known need not answer: it may be on its way up. Raises RuntimeMissingError."""
    wanted = asked or known or "auto"
    if wanted not in ("auto", "docker", "process"):
        raise RuntimeMissingError(f"--runtime takes auto, docker or process, not {wanted}")
    if wanted != "auto" and wanted in (known, "process"):
        return wanted
    if docker_version() is not None:
        return "docker"
    if wanted == "docker":
        raise RuntimeMissingError(
            f"no Docker Engine answers on {socket_path()}: start it, or use --runtime process"
        )
    return "process"
