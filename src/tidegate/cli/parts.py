"""The processes that an installation consists of, and how one is started.

Imports little: control is started before what keeps it running is imported.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tidegate.cli import processes
from tidegate.cli.places import Places
from tidegate.cli.settings import Settings

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A process to keep running. `descriptors` are inherited by the child under the same numbers. It is
    not started, nor started again, while the file `unless` exists."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    descriptors: Sequence[int] = ()
    is_adoptable: bool = True
    unless: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast control takes a silent host as lost, and how much faster than AWS's its policies scale."""

    host_lost_after_seconds: float
    scaling_speed: float

    @property
    def options(self) -> list[str]:
        lost, speed = f"{self.host_lost_after_seconds:g}", f"{self.scaling_speed:g}"
        return ["--host-lost-after", lost, "--scaling-speed", speed]


def start(data_dir: Path, part: Part, *, restarts: int = 0) -> processes.ProcessId:
    """Start a part and remember its process. Raises OSError, and nothing runs then."""
    log = Places(data_dir).logs / f"{part.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        child = subprocess.Popen(
            list(part.command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **part.environment},
            pass_fds=tuple(part.descriptors),
            start_new_session=True,
        )
    # Its end is noticed and its status taken by number: an adopted process has no such object either, and
    # this one must not complain that nobody waited for it.
    child.returncode = 0
    try:
        return processes.write(data_dir, part.name, child.pid, restarts=restarts)
    except OSError:
        # Nobody would find it again, and a second one is to be started.
        os.kill(child.pid, signal.SIGKILL)
        os.waitpid(child.pid, 0)
        raise


def credentials(settings: Settings) -> dict[str, str]:
    """The environment that gives a part its keys: never its command line, which others can read."""
    return {
        "AWS_ACCESS_KEY_ID": settings.access_key,
        "AWS_SECRET_ACCESS_KEY": settings.secret_key,
        "AWS_REGION": settings.region,
        "TIDEGATE_ACCOUNT": settings.account,
    }


def control(data_dir: Path, chosen: Settings, listener: socket.socket, pace: Pace) -> Part:
    """Control, with the API's socket; who starts it keeps that open for the next one."""
    command = [sys.executable, "-m", "tidegate.cli.main", "control", "--data-dir", str(data_dir)]
    command += ["--listen-fd", str(listener.fileno()), *pace.options]
    environment = credentials(chosen)
    if chosen.database_url:
        # It may hold a password.
        environment["TIDEGATE_DATABASE_URL"] = chosen.database_url
    return Part(
        name="control",
        command=command,
        environment=environment,
        descriptors=(listener.fileno(),),
        is_adoptable=False,
    )


def balancer(data_dir: Path, chosen: Settings) -> Part:
    command = [sys.executable, "-m", "tidegate.cli.main", "balancer"]
    command += ["--data-dir", str(data_dir), "--endpoint", chosen.url]
    return Part(name="balancer", command=command, environment=credentials(chosen))
