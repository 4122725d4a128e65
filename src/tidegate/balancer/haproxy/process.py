"""HAProxy's process: started, watched, reloaded, taken over from an earlier balancer.

The master and its worker die together, so one of them killed means a fresh start. A balancer that died
leaves its HAProxy serving; the next one starts its own with the old one's listening sockets (`-x`), and
tells the old worker to finish.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import subprocess
from collections.abc import Collection
from pathlib import Path

import structlog

from tidegate.balancer.haproxy.socket import HaproxyGoneError, command
from tidegate.fleet.files import write_whole

_START_SECONDS = 10.0
_REFUSAL_SECONDS = 2.0
_ASK_AGAIN_SECONDS = 0.5
_ANSWER_SECONDS = 2.0
_RELOAD_SECONDS = 20.0

_log = structlog.get_logger(__name__)


class ConfigurationError(Exception):
    """HAProxy refuses the file; the message is HAProxy's."""


class PortTakenError(ConfigurationError):
    """Somebody else has bound `places`, addresses and ports of the file's, meanwhile."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        found = re.findall(r"cannot bind socket \(.*?\) for \[(\S+):(\d+)\]", text)
        self.places = frozenset((address, int(port)) for address, port in found)


class HaproxyProcess:
    """`logs`: descriptors that HAProxy inherits under their numbers, which the configuration names.
    `start_seconds`: in which it must answer."""

    def __init__(
        self, binary: Path, folder: Path, logs: Collection[int], start_seconds: float = _START_SECONDS
    ) -> None:
        self._binary = binary
        self._logs = logs
        self._start_seconds = start_seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._taken_over: list[int] = []
        self.starts = self.reloads = 0
        self._folder = folder
        self.configuration = folder / "haproxy.cfg"
        self.master_socket = folder / "master.sock"
        self.stats_socket = folder / "haproxy.sock"

    @property
    def is_running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    @property
    def pid(self) -> int | None:
        """The master's, while it runs."""
        return self._child.pid if self._child is not None and self.is_running else None

    async def check(self, text: str) -> None:
        """Put a configuration in place when HAProxy accepts it, for this user's eyes only: it holds the keys
        that sign cookies. Raises ConfigurationError and OSError."""
        candidate = self.configuration.with_suffix(".new")
        await asyncio.to_thread(write_whole, candidate, text.encode())
        done = await asyncio.to_thread(self._verify, candidate)
        if done.returncode != 0:
            raise ConfigurationError(done.stderr.strip())
        candidate.replace(self.configuration)

    def put(self, text: str) -> None:
        """Put a configuration in place that HAProxy has accepted before. Raises OSError."""
        write_whole(self.configuration, text.encode())

    def has_usable_file(self) -> bool:
        """Whether a configuration is in place that a start would do with: it may be of an earlier balancer,
        with other descriptors, which HAProxy would use for something else."""
        try:
            named = re.findall(r"^\s*log fd@(\d+)", self.configuration.read_text(), re.MULTILINE)
        except OSError:
            return False
        return {int(number) for number in named} <= set(self._logs)

    async def start(self) -> None:
        """Start with the file in place and return when its socket answers; one that does not in time is
        ended. Raises HaproxyGoneError and OSError."""
        old = await self._old_workers()
        # What was left by one before may outlive this HAProxy's master, which cannot tell of it.
        self._taken_over = [*{*filter(self._is_of_this_folder, self._taken_over), *old}]
        arguments = [str(self._binary.absolute()), "-W", "-S", f"{self.master_socket},level,admin"]
        arguments += ["-f", str(self.configuration)]
        if old:
            arguments += ["-x", str(self.stats_socket), "-sf", *map(str, old)]
        self._child = await asyncio.to_thread(self._spawn, arguments)
        self.starts += 1
        try:
            await self._await_worker({0, *old})
        except HaproxyGoneError:
            await self._end_child()
            raise

    async def held(self) -> frozenset[tuple[str, int]]:
        """Addresses and ports that an HAProxy has which an earlier balancer left serving."""
        if not await self._old_workers() or not self.configuration.exists():
            return frozenset()
        lines = self.configuration.read_text().splitlines()
        found = (re.match(r"\s+bind (\S+):(\d+)\b", line) for line in lines)
        return frozenset((one[1], int(one[2])) for one in found if one is not None)

    async def reload(self) -> None:
        """Make a new worker take over with the file in place; returns when it answers. Raises
        HaproxyGoneError or ConfigurationError. A port that somebody else has costs all listeners two
        seconds: the new worker waits for it, and the old one takes no connection meanwhile."""
        before = await self.worker()
        answer = await self._tell_master("reload", _RELOAD_SECONDS)
        self.reloads += 1
        if "Success=0" in answer:
            is_taken = "cannot bind socket" in answer.lower()
            raise (PortTakenError if is_taken else ConfigurationError)(answer.strip())
        if "Success=1" not in answer:
            # Soon after a start the master reloads and says nothing.
            await self._await_worker({0, before})

    async def worker(self) -> int:
        """The pid of the worker that answers on the stats socket; 0 when it does not say. A reload
        makes a new one. Raises HaproxyGoneError."""
        for line in (await command(self.stats_socket, "show info")).splitlines():
            if line.startswith("Pid:"):
                return int(line.split()[1])
        return 0

    async def replaced(self) -> tuple[list[int], list[int]]:
        """The pids of workers that have been replaced and still finish what they have: those of this HAProxy,
        and those that an earlier balancer left, which take no commands any more. Raises HaproxyGoneError."""
        self._taken_over = [pid for pid in self._taken_over if self._is_of_this_folder(pid)]
        present = await self.worker()
        if not present:
            raise HaproxyGoneError("HAProxy does not say which worker is at work")
        return [pid for pid in await self._workers() if pid != present], self._taken_over

    def end(self, pid: int) -> None:
        """End a worker with all that it still has."""
        if self._is_of_this_folder(pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

    async def ask_master(self, line: str) -> str:
        """What is answered to a line of commands, each of which names its worker (`@!PID `). Raises
        HaproxyGoneError."""
        # The master, unlike a worker, waits for the next command until it is told that there is none.
        return await self._tell_master(f"{line}; quit", _ANSWER_SECONDS)

    async def ask_workers(self, *texts: str) -> dict[int, str]:
        """What each worker answers to these commands, by its pid: also those that only finish what they have.
        Raises HaproxyGoneError."""
        answers = {}
        for pid in await self._workers():
            asked = "; ".join(f"@!{pid} {text}" for text in texts)
            answers[pid] = await command(self.master_socket, f"{asked}; quit", _ANSWER_SECONDS)
        return answers

    async def ended(self) -> None:
        """Return when the process has died."""
        while self.is_running:
            try:
                descriptor = os.pidfd_open(self._child.pid) if self._child else -1
            except OSError:
                # No more files may be open for now.
                await asyncio.sleep(_ASK_AGAIN_SECONDS)
                continue
            loop, gone = asyncio.get_running_loop(), asyncio.Event()
            loop.add_reader(descriptor, gone.set)
            try:
                await gone.wait()
            finally:
                loop.remove_reader(descriptor)
                os.close(descriptor)

    async def stop(self) -> None:
        """End at once what still serves, what an earlier balancer left included."""
        for pid in self._taken_over:
            self.end(pid)
        await self._end_child()

    async def _end_child(self) -> None:
        if self._child is None:
            return
        self._child.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(self._child.wait, 5)
        except subprocess.TimeoutExpired:
            self._child.kill()

    def _is_of_this_folder(self, pid: int) -> bool:
        """Whether it is an HAProxy that was started here: a number may be another process's by now."""
        with contextlib.suppress(OSError):
            return os.fsencode(self.configuration) in Path(f"/proc/{pid}/cmdline").read_bytes()
        return False

    def _verify(self, candidate: Path) -> subprocess.CompletedProcess[str]:
        arguments = [str(self._binary), "-c", "-f", str(candidate)]
        return subprocess.run(arguments, capture_output=True, text=True, check=False)

    def _spawn(self, arguments: list[str]) -> subprocess.Popen[bytes]:
        # Sockets named in the file are in this folder: their whole paths may be longer than the system takes.
        (self._folder / "names").mkdir(mode=0o700, exist_ok=True)
        return subprocess.Popen(
            arguments, stdin=subprocess.DEVNULL, pass_fds=tuple(self._logs), cwd=self._folder
        )

    async def _await_worker(self, others: Collection[int]) -> None:
        """Return when a worker that is not one of these answers, and its master, which would lose a reload
        until then. Raises HaproxyGoneError."""
        deadline = asyncio.get_running_loop().time() + self._start_seconds
        while self.is_running and asyncio.get_running_loop().time() < deadline:
            with contextlib.suppress(HaproxyGoneError):
                if await self.worker() not in others and await self._workers():
                    return
            await asyncio.sleep(0.01)
        raise HaproxyGoneError("HAProxy did not start: see the balancer's log")

    async def _tell_master(self, text: str, timeout_seconds: float) -> str:
        """The master's answer. For a moment after a reload it takes no connection. Raises
        HaproxyGoneError."""
        deadline = asyncio.get_running_loop().time() + _REFUSAL_SECONDS
        while True:
            try:
                return await command(self.master_socket, text, timeout_seconds)
            except HaproxyGoneError:
                if not self.is_running or asyncio.get_running_loop().time() > deadline:
                    raise
            await asyncio.sleep(0.02)

    async def _old_workers(self) -> list[int]:
        """Workers that an earlier balancer's HAProxy left serving."""
        try:
            return await self._workers()
        except HaproxyGoneError:
            return []

    async def _workers(self) -> list[int]:
        """The pids of all workers, those included that only finish what they have. Raises
        HaproxyGoneError."""
        # The master, unlike a worker, waits for the next command until it is told that there is none.
        answer = await command(self.master_socket, "show proc; quit")
        return [
            int(line.split()[0])
            for line in answer.splitlines()
            if len(line.split()) > 1 and line.split()[1] == "worker" and line.split()[0].isdigit()
        ]
