"""What stands in the run: targets, a bare HAProxy, and the product's balancer with its HAProxy."""

from __future__ import annotations

import asyncio
import contextlib
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from bench.load_balancer import documents
from bench.load_balancer.control import Control
from bench.load_balancer.documents import Conditions, Target
from bench.measuring.http import LoadFailedError
from bench.measuring.processes import free_port
from tidegate.balancer.haproxy import binary
from tidegate.cli import settings
from tidegate.cli.processes import descendants

_ANSWER = "thirty-five bytes are a small answer"
# Those of an application server.
_HEADERS = 'hdr Server gunicorn hdr Date "Thu, 01 Jan 2026 12:00:00 GMT"'
_STARTING_SECONDS = 10.0

# One process that answers on every loopback address stands for any number of targets.
_TARGETS = """
global
  maxconn 4000
  nbthread 1
{tuning}
defaults
  mode http
  timeout client 120s
frontend targets
  bind 0.0.0.0:{port}
  tcp-request connection reject if !{{ src 127.0.0.0/8 }}
{large}
  http-request return status 200 content-type text/plain string "{answer}" {headers}
"""

# By hand, as somebody would who wants no more than a round robin.
_BARE = """
global
  maxconn 2000
  nbthread 1
defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 60s
frontend bare
  bind 127.0.0.1:{port}
{tls}
  default_backend targets
backend targets
  balance roundrobin
{servers}
"""


class Haproxy:
    """One HAProxy with a configuration of ours, in the foreground of its own process."""

    def __init__(self, folder: Path, name: str, text: str, port: int) -> None:
        self.port = port
        file = folder / f"{name}.cfg"
        file.write_text(text)
        with file.with_suffix(".log").open("wb") as log:
            self._process = subprocess.Popen([str(binary.find()), "-db", "-f", str(file)], stderr=log)
        deadline = time.monotonic() + _STARTING_SECONDS
        while not is_listening(port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise LoadFailedError(f"HAProxy did not start with {file}")
            time.sleep(0.01)

    @property
    def pids(self) -> list[int]:
        return [self._process.pid]

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


def targets_haproxy(folder: Path, large: tuple[str, int] | None = None) -> Haproxy:
    """`large`: what is in the URL of a request for an answer of so many bytes."""
    port, tuning, answer = free_port(), "", ""
    if large is not None:
        mark, size = large
        file = folder / "large"
        file.write_bytes(b"x" * size)
        tuning = f"  tune.bufsize {size + 16_384}"
        answer = (
            f"  http-request return status 200 content-type text/plain file {file} {_HEADERS}"
            f" if {{ query -m sub {mark} }}"
        )
    text = _TARGETS.format(port=port, answer=_ANSWER, headers=_HEADERS, tuning=tuning, large=answer)
    return Haproxy(folder, "targets", text, port)


def bare_haproxy(folder: Path, targets: list[Target], tls: tuple[int, Path] | None = None) -> Haproxy:
    """`tls`: another port, for HTTPS, and the certificate with its key."""
    port = free_port()
    servers = "\n".join(f"  server {one.id} {one.address}:{one.port}" for one in targets)
    bind = f"  bind 127.0.0.1:{tls[0]} ssl crt {tls[1]} alpn h2,http/1.1" if tls else ""
    return Haproxy(folder, "bare", _BARE.format(port=port, servers=servers, tls=bind), port)


def targets(port: int, count: int, first: int = 0) -> list[Target]:
    """Targets of the process on that port, each with an address of its own."""
    return [
        Target(f"i-{number:017x}", f"127.62.{number // 250}.{number % 250 + 1}", port)
        for number in range(first, first + count)
    ]


class Product:
    """`tidegate balancer` with the documents that it is given here in control's place."""

    network = "127.63"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.data_dir = folder / "data"
        self.control = Control()
        self.groups: list[list[Target]] = []
        self._generations: list[int] = []

    @contextlib.asynccontextmanager
    async def running(
        self, groups: list[list[Target]], rules: Sequence[Sequence[Conditions]] = ()
    ) -> AsyncIterator[Product]:
        """With these groups, behind one listener each, once all targets are healthy. `rules`: of each
        listener."""
        known = settings.Settings(
            endpoint="127.0.0.1:1",
            region="us-east-1",
            account="000000000000",
            access_key="AKIDBENCH",
            secret_key="secret-of-the-bench",
            network=self.network,
            runtime="process",
        )
        settings.save(self.data_dir, known)
        async with self.control.serving() as url:
            self._start(url)
            try:
                await self._furnish(groups, rules)
                yield self
            finally:
                self._process.terminate()
                await asyncio.to_thread(self._process.wait)

    @property
    def python(self) -> int:
        return self._process.pid

    @property
    def haproxy(self) -> list[int]:
        return [pid for pid in descendants(self.python) if _executable(pid).endswith("haproxy")]

    @property
    def address(self) -> str:
        return f"{self.network}.2.1"

    @property
    def port(self) -> int:
        """Where the first listener answers."""
        return self.ports[0]

    @property
    def ports(self) -> list[int]:
        """Where the listeners answer."""
        return [int(one["port"]) for one in self.control.edge["listeners"]]

    async def change(self, number: int, targets: list[Target]) -> None:
        """Hand a group's new document in; returns when it is sent."""
        self.groups[number] = targets
        self._generations[number] += 1
        await self.control.tell("GroupDocument", documents.group(number, self._generations[number], targets))

    @property
    def log_maker(self) -> list[int]:
        """The process that makes the objects of logs, once it runs."""
        return [pid for pid in descendants(self.python) if b"tidegate.balancer.logs" in _command(pid)]

    def stats_socket(self) -> Path:
        """HAProxy's own, as its configuration names it."""
        for file in self.data_dir.rglob("haproxy.cfg"):
            found = re.search(r"^\s*stats socket (\S+)", file.read_text(), re.MULTILINE)
            if found:
                return Path(found[1])
        raise LoadFailedError("the balancer's HAProxy has no socket")

    def log_bytes(self) -> int:
        """Size of the access log so far, of all its segments."""
        return sum(path.stat().st_size for path in self.data_dir.rglob("*access*") if path.is_file())

    def _start(self, url: str) -> None:
        command = [sys.executable, "-m", "tidegate.cli.main", "balancer", "--endpoint", url]
        with (self._folder / "balancer.log").open("wb") as log:
            self._process = subprocess.Popen(
                [*command, "--data-dir", str(self.data_dir)], stdout=log, stderr=log
            )

    async def _furnish(self, groups: list[list[Target]], rules: Sequence[Sequence[Conditions]]) -> None:
        self.groups, self._generations = [[] for _ in groups], [0] * len(groups)
        for number, group in enumerate(groups):
            await self.change(number, group)
        ports = [20_000 + number for number in range(len(groups))]
        await self.control.tell("EdgeDocument", documents.edge(self.address, ports, rules))
        wanted = sum(map(len, groups))
        await self.control.until(
            f"{wanted} healthy targets", lambda: sum(self.control.healthy.values()) == wanted
        )
        await self.control.until("the listeners", lambda: bool(self.control.edge.get("listeners")))
        errors = [one["error"] for one in self.control.edge["listeners"] if one.get("error")]
        if errors:
            raise LoadFailedError(f"a listener could not be bound: {errors[0]}")


def is_listening(port: int) -> bool:
    entry = f":{port:04X}"
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return any(line.split()[1].endswith(entry) and line.split()[3] == "0A" for line in lines)


def _executable(pid: int) -> str:
    try:
        return str(Path(f"/proc/{pid}/exe").readlink())
    except OSError:
        return ""


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
