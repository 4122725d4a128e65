"""HAProxy's process: started, watched, reloaded, taken over from an earlier balancer.

The master and its worker die together, so one of them killed means a fresh start. A balancer that died
leaves its HAProxy serving; the next one starts its own with the old one's listening sockets (`-x`), and
tells the old worker to finish.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Collection
from pathlib import Path

import structlog

from tidegate.balancer.haproxy.socket import HaproxyGoneError, command

_START_SECONDS = 10.0

_log = structlog.get_logger(__name__)


class ConfigurationError(Exception):
    """HAProxy refuses the file; the message is HAProxy's."""


class HaproxyProcess:
    """`logs`: descriptors that HAProxy inherits under their numbers, which the configuration names."""

    def __init__(self, binary: Path, folder: Path, logs: Collection[int]) -> None:
        self._binary = binary
        self._logs = logs
        self._child: subprocess.Popen[bytes] | None = None
        self.configuration = folder / "haproxy.cfg"
        self.master_socket = folder / "master.sock"
        self.stats_socket = folder / "haproxy.sock"

    @property
    def is_running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    async def check(self, text: str) -> None:
        """Put a configuration in place when HAProxy accepts it; raises ConfigurationError."""
        candidate = self.configuration.with_suffix(".new")
        candidate.write_text(text)
        done = await asyncio.to_thread(self._verify, candidate)
        if done.returncode != 0:
            raise ConfigurationError(done.stderr.strip())
        candidate.replace(self.configuration)

    async def start(self) -> None:
        """Start with the file in place and return when both its sockets answer. Raises HaproxyGoneError."""
        old: list[int] = []
        with contextlib.suppress(HaproxyGoneError):
            old = await self._workers()
        arguments = [str(self._binary), "-W", "-S", f"{self.master_socket},level,admin"]
        arguments += ["-f", str(self.configuration)]
        if old:
            arguments += ["-x", str(self.stats_socket), "-sf", *map(str, old)]
        self._child = await asyncio.to_thread(self._spawn, arguments)
        deadline = asyncio.get_running_loop().time() + _START_SECONDS
        while asyncio.get_running_loop().time() < deadline:
            with contextlib.suppress(HaproxyGoneError):
                # A worker whose master was killed may still answer for a moment.
                if await self._worker() in {*await self._workers()} - {*old}:
                    return
            if not self.is_running:
                break
            await asyncio.sleep(0.01)
        raise HaproxyGoneError("HAProxy did not start: see the balancer's log")

    async def reload(self) -> None:
        """Make a new worker take over with the file in place; returns when it answers. Raises
        HaproxyGoneError or ConfigurationError."""
        answer = await self._ask_master("reload")
        if "Success=1" not in answer:
            raise ConfigurationError(answer.strip())

    async def _ask_master(self, text: str) -> str:
        """The master's answer. For a moment after each start of its own it does not listen, or takes a
        command and says nothing. Raises HaproxyGoneError."""
        deadline = asyncio.get_running_loop().time() + _START_SECONDS
        while self.is_running and asyncio.get_running_loop().time() < deadline:
            with contextlib.suppress(HaproxyGoneError):
                if answer := await command(self.master_socket, text, timeout_seconds=20.0):
                    return answer
            await asyncio.sleep(0.01)
        raise HaproxyGoneError("its master does not answer")

    async def ended(self) -> None:
        """Return when the process has died."""
        while self.is_running:
            descriptor = os.pidfd_open(self._child.pid) if self._child else -1
            loop, gone = asyncio.get_running_loop(), asyncio.Event()
            loop.add_reader(descriptor, gone.set)
            try:
                await gone.wait()
            finally:
                loop.remove_reader(descriptor)
                os.close(descriptor)

    async def stop(self) -> None:
        """End at once what still serves."""
        if self._child is None:
            return
        self._child.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(self._child.wait, 5)
        except subprocess.TimeoutExpired:
            self._child.kill()

    def _verify(self, candidate: Path) -> subprocess.CompletedProcess[str]:
        arguments = [str(self._binary), "-c", "-f", str(candidate)]
        return subprocess.run(arguments, capture_output=True, text=True, check=False)

    def _spawn(self, arguments: list[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(arguments, stdin=subprocess.DEVNULL, pass_fds=tuple(self._logs))

    async def _worker(self) -> int:
        """The pid of the worker that answers on the stats socket; 0 when it does not say."""
        for line in (await command(self.stats_socket, "show info")).splitlines():
            if line.startswith("Pid:"):
                return int(line.split()[1])
        return 0

    async def _workers(self) -> list[int]:
        """The workers of the master that listens, which at a start is one that an earlier balancer left.
        Raises HaproxyGoneError."""
        answer = await command(self.master_socket, "show proc")
        return [
            int(line.split()[0])
            for line in answer.splitlines()
            if len(line.split()) > 1 and line.split()[1] == "worker" and line.split()[0].isdigit()
        ]
