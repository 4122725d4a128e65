"""Load with wrk: one thread, kept-alive connections, varied URLs."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench.measuring.http import LoadFailedError
from bench.measuring.processes import cpu_seconds

_SCRIPT = Path(__file__).with_name("wrk.lua")


@dataclass(frozen=True, slots=True)
class Slice:
    """One stretch of load on a proxy. The proxy's CPU time, and that of the Python beside it."""

    requests: int
    seconds: float
    proxy_seconds: float
    python_seconds: float = 0.0

    @property
    def rate(self) -> float:
        return self.requests / self.seconds

    @property
    def proxy_microseconds(self) -> float:
        """CPU time of one request."""
        return self.proxy_seconds / self.requests * 1e6

    @property
    def busy(self) -> float:
        """The share of its core that the proxy used."""
        return self.proxy_seconds / self.seconds


def load(
    core: int,
    host: str,
    port: int,
    seconds: int,
    connections: int,
    proxy: list[int],
    python: list[int],
    script: Path = _SCRIPT,
) -> Slice:
    """Put load on for whole seconds, from this core. Raises LoadFailedError when a request failed."""
    program = shutil.which("wrk")
    if program is None:
        raise LoadFailedError("wrk is missing: install it (on Debian, the package wrk)")
    command = ["taskset", "-c", str(core)] if shutil.which("taskset") else []
    command += [program, "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script)]
    before = cpu_seconds(*proxy), cpu_seconds(*python)
    done = subprocess.run([*command, f"http://{host}:{port}/"], capture_output=True, text=True, check=False)
    after = cpu_seconds(*proxy), cpu_seconds(*python)
    summary = [line for line in done.stdout.splitlines() if line.startswith("SUMMARY ")]
    if not summary:
        raise LoadFailedError(f"wrk: {done.stderr or done.stdout}")
    requests, microseconds, failed = map(int, summary[0].split()[1:])
    if failed or not requests:
        raise LoadFailedError(f"{failed} of {requests} requests to {host}:{port} failed")
    return Slice(requests, microseconds / 1e6, after[0] - before[0], after[1] - before[1])
