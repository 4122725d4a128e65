"""Load with wrk: one thread, kept-alive connections, varied URLs."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.measuring.http import LoadFailedError
from bench.measuring.processes import cpu_seconds

_SCRIPT = Path(__file__).with_name("wrk.lua")


@dataclass(frozen=True, slots=True)
class Slice:
    """One stretch of load on a proxy. The proxy's CPU time, and that of the Python beside it; `p50`, `p99`:
    seconds until half of the answers were there, and 99 of 100."""

    requests: int
    seconds: float
    proxy_seconds: float
    python_seconds: float = 0.0
    p50: float = 0.0
    p99: float = 0.0

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
    arguments: Sequence[str] = (),
    scheme: str = "http",
) -> Slice:
    """Put load on for whole seconds, from this core. `arguments`: of the script. Raises LoadFailedError when
    a request failed."""
    command = [*on_core(core), program("wrk"), "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script)]
    command += [f"{scheme}://{host}:{port}/", *(("--", *arguments) if arguments else ())]
    before = cpu_seconds(*proxy), cpu_seconds(*python)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    after = cpu_seconds(*proxy), cpu_seconds(*python)
    summary = [line for line in done.stdout.splitlines() if line.startswith("SUMMARY ")]
    if not summary:
        raise LoadFailedError(f"wrk: {done.stderr or done.stdout}")
    requests, microseconds, failed, p50, p99 = map(int, summary[0].split()[1:])
    if failed or not requests:
        raise LoadFailedError(f"{failed} of {requests} requests to {host}:{port} failed")
    spent = after[0] - before[0], after[1] - before[1]
    return Slice(requests, microseconds / 1e6, *spent, p50 / 1e6, p99 / 1e6)


def program(name: str, package: str = "") -> str:
    """The path of a load generator. Raises LoadFailedError."""
    found = shutil.which(name)
    if found is None:
        raise LoadFailedError(f"{name} is missing: install it (on Debian, the package {package or name})")
    return found


def on_core(core: int) -> list[str]:
    """What a command begins with that is to run there, where that can be said."""
    return ["taskset", "-c", str(core)] if shutil.which("taskset") else []
