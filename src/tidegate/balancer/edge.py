"""Makes HAProxy match the documents: reloads for the edge, live commands for targets.

What HAProxy should be is worked out anew from the documents and the healths each time (`wanted`), and
compared with what it was last told (`applied`): one target's change costs its group's comparison.
"""

from __future__ import annotations

import asyncio
import resource
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

from tidegate.balancer.decisions import configuration
from tidegate.balancer.decisions.configuration import Bound, Paths, Server
from tidegate.balancer.decisions.eligibility import eligible
from tidegate.balancer.decisions.health import Health
from tidegate.balancer.documents import Documents
from tidegate.balancer.haproxy.process import LOG_DESCRIPTOR, ConfigurationError, HaproxyProcess
from tidegate.balancer.haproxy.socket import HaproxyGoneError, command, server_table
from tidegate.fleet.balancing import GroupDocument, ListenerBinding

_UNPRIVILEGED_OFFSET = 8000

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class GroupState:
    """What is known of one group's targets, by (id, port)."""

    health: dict[tuple[str, int], Health]
    ejected: set[tuple[str, int]]
    drained: set[tuple[str, int]]


class Edge:
    def __init__(self, documents: Documents, process: HaproxyProcess, folder: Path) -> None:
        self._documents = documents
        self._process = process
        self._folder = folder
        self._lock = asyncio.Lock()
        self._applied: dict[str, dict[str, Server]] = {}
        self._leaving: dict[str, set[str]] = {}
        self.groups: dict[str, GroupState] = {}
        self.bindings: tuple[ListenerBinding, ...] = ()
        self.applied_generation = -1

    def state(self, arn: str) -> GroupState:
        return self.groups.setdefault(arn, GroupState({}, set(), set()))

    async def start(self) -> None:
        """Start HAProxy with everything that the documents say."""
        async with self._lock:
            await self._render()
            await self._process.start()

    async def reload(self) -> None:
        """Bring changed listeners or groups into force; a refused file leaves the old one in force."""
        async with self._lock:
            try:
                await self._render()
                if self._process.is_running:
                    await self._process.reload()
            except (ConfigurationError, HaproxyGoneError) as error:
                _log.error("reload failed", error=str(error))

    async def apply_group(self, arn: str) -> None:
        """Bring one group's targets into force, live."""
        async with self._lock:
            group = self._documents.groups.get(arn)
            if group is None or arn not in self._applied:
                return
            commands = self._difference(group)
            if not commands:
                return
            try:
                answer = await command(self._process.stats_socket, "; ".join(commands))
                if "failed" in answer or "No such" in answer:
                    _log.warning("haproxy refused a command", group=arn, answer=answer.strip()[:500])
            except HaproxyGoneError as error:
                # It is being started again, from a file with the present states.
                _log.warning("haproxy is away", error=str(error))

    async def sweep(self) -> list[str]:
        """Finish drains that are due, delete servers that have left, eject what HAProxy cannot reach.

        Returns target groups in which something changed.
        """
        changed = []
        for arn, group in list(self._documents.groups.items()):
            state = self.state(arn)
            due = {
                (target.id, target.port)
                for target in group.targets
                if target.drain_deadline is not None and target.drain_deadline <= time.time()
            }
            for key in due - state.drained:
                await self._cut(arn, key)
                state.drained.add(key)
                changed.append(arn)
            state.drained &= due
        await self._delete_leaving()
        return changed

    async def errors(self) -> Mapping[tuple[str, str], int]:
        """Connection and response errors so far, by (backend, server)."""
        try:
            rows = await server_table(self._process.stats_socket)
        except HaproxyGoneError:
            return {}
        return {
            (row["pxname"], row["svname"]): int(row.get("econ") or 0) + int(row.get("eresp") or 0)
            for row in rows
        }

    def _wanted(self, group: GroupDocument) -> dict[str, Server]:
        state = self.state(group.target_group_arn)
        ready = eligible(group, state.health, state.ejected)
        return {
            configuration.server_name(target.id, target.port): Server(
                name=configuration.server_name(target.id, target.port),
                address=target.address,
                port=target.port,
                is_ready=(target.id, target.port) in ready,
            )
            for target in group.targets
        }

    def _difference(self, group: GroupDocument) -> list[str]:
        """Commands from what was applied to what is wanted: ready ones before those that go, so that
        there is no moment without a target."""
        arn = group.target_group_arn
        backend = configuration.backend_name(arn)
        known, wanted = self._applied[arn], self._wanted(group)
        leaving = self._leaving.setdefault(arn, set())
        opens, closes = [], []
        for name, server in wanted.items():
            place = f"{backend}/{name}"
            if name not in known and name not in leaving:
                opens.append(f"add server {place} {server.address}:{server.port} {configuration.POOL}")
            was_ready = name in known and known[name].is_ready
            if server.is_ready and not was_ready:
                opens.append(f"set server {place} state ready")
            elif was_ready and not server.is_ready:
                closes.append(f"set server {place} state maint")
            leaving.discard(name)
        for name in known.keys() - wanted.keys():
            closes.append(f"set server {backend}/{name} state maint")
            leaving.add(name)
        self._applied[arn] = wanted
        return opens + closes

    async def _cut(self, arn: str, key: tuple[str, int]) -> None:
        """End what is still in flight on a target whose drain is due."""
        place = f"{configuration.backend_name(arn)}/{configuration.server_name(*key)}"
        try:
            await command(self._process.stats_socket, f"shutdown sessions server {place}")
        except HaproxyGoneError as error:
            _log.warning("haproxy is away", error=str(error))

    async def _delete_leaving(self) -> None:
        """Delete servers that left; refused while connections are attached, so again next time."""
        for arn, names in self._leaving.items():
            backend = configuration.backend_name(arn)
            for name in list(names):
                place = f"{backend}/{name}"
                try:
                    idle = f"set server {place} state drain; set server {place} state maint"
                    await command(self._process.stats_socket, idle)
                    answer = await command(self._process.stats_socket, f"del server {place}")
                except HaproxyGoneError:
                    return
                if "deleted" in answer or "No such" in answer:
                    names.discard(name)

    async def _render(self) -> None:
        edge, groups = self._documents.edge, self._documents.groups
        bound = self._bind()
        self._applied = {
            arn: self._wanted(groups[arn]) if arn in groups else {} for arn in edge.target_groups
        }
        self._leaving = {}
        text = configuration.render(
            edge,
            bound,
            {arn: tuple(servers.values()) for arn, servers in self._applied.items()},
            {arn: group.algorithm for arn, group in groups.items()},
            Paths(
                stats_socket=str(self._process.stats_socket),
                errors=str(self._folder / "errors"),
                log_descriptor=LOG_DESCRIPTOR,
            ),
            _connections_max(),
        )
        await self._process.check(text)
        self.applied_generation = edge.generation

    def _bind(self) -> list[Bound]:
        """Where each listener is to answer; a port that cannot be had is reported instead."""
        known = {(b.listener_arn): b for b in self.bindings if b.error is None}
        bound, bindings = [], []
        for balancer in self._documents.edge.load_balancers:
            for listener in balancer.listeners:
                present = known.get(listener.arn)
                port: int | None = present.port if present and present.address == balancer.address else None
                error = None
                if port is None or port not in (listener.port, listener.port + _UNPRIVILEGED_OFFSET):
                    port, error = free_port(balancer.address, listener.port)
                bindings.append(
                    ListenerBinding(
                        listener_arn=listener.arn,
                        address=balancer.address,
                        port=port or listener.port,
                        error=error,
                    )
                )
                if port is not None:
                    bound.append(
                        Bound(load_balancer=balancer, listener=listener, address=balancer.address, port=port)
                    )
        self.bindings = tuple(bindings)
        return bound


def free_port(address: str, port: int) -> tuple[int | None, str | None]:
    """The port to bind for a listener's port, or why there is none. Where this user may not bind a port
    below 1024, it is the port + 8000."""
    for candidate in (port, port + _UNPRIVILEGED_OFFSET):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # An HAProxy that an earlier balancer left behind holds the port, and will share it.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            try:
                probe.bind((address, candidate))
            except PermissionError:
                continue
            except OSError as error:
                return None, f"{address}:{candidate}: {error.strerror}"
            return candidate, None
    return (
        None,
        f"{address}:{port}: ports below 1024 are not allowed, and {port + _UNPRIVILEGED_OFFSET} neither",
    )


def _connections_max() -> int:
    """HAProxy needs two descriptors a connection, and refuses to start when it cannot have them."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(256, min(20000, (soft - 500) // 2 - 1000)) if soft > 4000 else max(100, soft // 2 - 100)
