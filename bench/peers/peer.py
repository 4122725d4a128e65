"""One load balancer in the run, and the processes of those that are programs of others."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.load_balancer.documents import Target
from bench.load_balancer.proxies import is_listening
from bench.measuring.http import LoadFailedError
from bench.measuring.processes import free_port
from tidegate.cli.processes import descendants

CERTIFICATE_NAME = "bench.test"
# Python programs read their sources, on a busy machine.
_STARTING_SECONDS = 60.0


class MissingError(Exception):
    """The program is not installed; the message says how it would be."""


@dataclass(frozen=True, slots=True)
class Peer:
    """`addresses`: host and port by scheme, http and https; a scheme that is not there cannot be asked.
    `pids` are on the path of each request, `beside` work for it elsewhere. `prefix`: of all paths."""

    name: str
    addresses: Mapping[str, str]
    pids: Callable[[], list[int]]
    stop: Callable[[], None]
    beside: Callable[[], list[int]] = field(default=list)
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """What a peer gets: a folder of its own, targets, the certificate (PEM, with its key), and two ports."""

    folder: Path
    targets: Sequence[Target]
    certificate: Path
    http_port: int = field(default_factory=free_port)
    https_port: int = field(default_factory=free_port)

    @property
    def addresses(self) -> dict[str, str]:
        return {"http": f"127.0.0.1:{self.http_port}", "https": f"127.0.0.1:{self.https_port}"}

    def started(self, name: str, command: Sequence[str], environment: Mapping[str, str] = {}) -> Peer:
        """The program once it listens on the first port. Raises LoadFailedError."""
        errors = self.folder / "output.log"
        with errors.open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **environment})

        def stop() -> None:
            process.terminate()
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

        deadline = time.monotonic() + _STARTING_SECONDS
        while not is_listening(self.http_port):
            if process.poll() is not None or time.monotonic() > deadline:
                stop()
                raise LoadFailedError(f"{name} did not start: {errors.read_text()[-500:]}")
            time.sleep(0.05)
        return Peer(name, self.addresses, lambda: [process.pid, *descendants(process.pid)], stop)


def installed(name: str) -> str:
    """The program, of those that `bench/balancer --check` installs. Raises MissingError."""
    path = Path("var/peers/bin") / name
    if not path.exists():
        raise MissingError(
            f"{name} is missing: `bench/balancer --check` installs it from requirements/peers.txt"
        )
    return str(path.absolute())
