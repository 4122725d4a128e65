"""Makes HAProxy match the edge document: a start or a reload, with the present state of all targets."""

from __future__ import annotations

import resource
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

from tidegate.balancer.decisions import configuration
from tidegate.balancer.decisions.configuration import Paths
from tidegate.balancer.documents import Documents
from tidegate.balancer.haproxy.process import ConfigurationError, HaproxyProcess
from tidegate.balancer.haproxy.socket import HaproxyGoneError
from tidegate.balancer.listeners import bind
from tidegate.balancer.targets import Backends, Targets
from tidegate.fleet.balancing import ListenerBinding

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _File:
    """What HAProxy's file says: the edge's generation, and of each group its shape and backends."""

    generation: int
    shapes: Mapping[str, object]
    known: dict[str, Backends]


class Edge:
    """`pages`: the folder of the answers that the load balancer makes itself. `access_log`, `error_log`:
    descriptors that HAProxy inherits."""

    def __init__(
        self,
        documents: Documents,
        process: HaproxyProcess,
        targets: Targets,
        pages: Path,
        access_log: int,
        error_log: int,
    ) -> None:
        self._documents = documents
        self._process = process
        self._targets = targets
        self._paths = Paths(
            stats_socket=str(process.stats_socket),
            pages=str(pages),
            access_log=access_log,
            error_log=error_log,
        )
        self.bindings: tuple[ListenerBinding, ...] = ()
        self.applied_generation = -1

    @property
    def needs_reload(self) -> bool:
        """Whether what is wanted cannot be told to a running HAProxy."""
        return self._targets.needs_reload

    @needs_reload.setter
    def needs_reload(self, needed: bool) -> None:
        self._targets.needs_reload = needed

    async def start(self) -> None:
        """Start HAProxy with everything that the documents say. Raises HaproxyGoneError and
        ConfigurationError."""
        async with self._targets.lock:
            file = await self._render()
            await self._process.start()
            self._take_effect(file)

    async def reload(self) -> None:
        """Bring changed listeners or groups into force; a refused file leaves the old one in force."""
        async with self._targets.lock:
            self.needs_reload = False
            if not self._process.is_running:
                return
            try:
                file = await self._render()
                await self._process.reload()
            except ConfigurationError as error:
                _log.error("reload failed", error=str(error))
            except HaproxyGoneError as error:
                _log.error("reload failed", error=str(error))
                self.needs_reload = True
            else:
                self._take_effect(file)

    async def _render(self) -> _File:
        """Put the file in place. Raises ConfigurationError."""
        edge, groups = self._documents.edge, self._documents.groups
        bound, self.bindings = bind(edge, self.bindings)
        known = {arn: self._targets.wanted(arn) for arn in edge.target_groups}
        shapes = {arn: self._targets.shape(arn) for arn in edge.target_groups}
        text = configuration.render(
            edge, bound, known, groups, self._paths, connections_max(), self._targets.stickiness
        )
        self._targets.write_maps(known)
        await self._process.check(text)
        return _File(edge.generation, shapes, known)

    def _take_effect(self, file: _File) -> None:
        self._targets.take_effect(file.known, file.shapes)
        self.applied_generation = file.generation


def connections_max() -> int:
    """HAProxy needs two descriptors a connection, and refuses to start when it cannot have them."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(256, min(20000, (soft - 500) // 2 - 1000)) if soft > 4000 else max(100, soft // 2 - 100)
