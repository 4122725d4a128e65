"""What lines are about, looked up in the edge document that the balancer keeps on disk."""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from tidegate.balancer.decisions.access_log.sources import Source, logged_groups, sources
from tidegate.fleet.balancing import EdgeDocument, EdgeLoadBalancer

# Of listeners; those that went last are the ones that lines may still come of.
GONE_MAX = 1000


class Book:
    """The balancer writes the document before HAProxy writes a line about what is new in it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._version: tuple[int, int] = (0, 0)
        self._sources: Mapping[str, Source] = {}
        self._checked: Mapping[str, EdgeLoadBalancer] = {}

    def has_changed(self) -> bool:
        """Whether there is another document than the one that is known."""
        return self._stat() != self._version

    def load(self) -> None:
        """Know the document that is there."""
        version = self._stat()
        if version == (0, 0):
            return
        edge = msgspec.json.decode(self._path.read_bytes(), type=EdgeDocument)
        logged = {one.arn: bool(one.logs) for one in edge.load_balancers}
        present = sources(edge)
        # Requests of a listener that is gone may still end. One whose load balancer is there and keeps no
        # logs any more is not gone, nor to be logged.
        gone = {
            name: one
            for name, one in self._sources.items()
            if name not in present and logged.get(one.balancer.arn, True)
        }
        kept = itertools.islice(gone.items(), max(0, len(gone) - GONE_MAX), None)
        self._sources = {**dict(kept), **present}
        self._checked = logged_groups(edge)
        self._version = version

    def source(self, frontend: str) -> Source | None:
        """None where no logs are kept."""
        found = self._sources.get(frontend)
        if found is None and self.has_changed():
            self.load()
            found = self._sources.get(frontend)
        return found

    def checked_for(self, target_group_arn: str) -> EdgeLoadBalancer | None:
        """The load balancer that logs the health checks of a target group."""
        return self._checked.get(target_group_arn)

    def _stat(self) -> tuple[int, int]:
        try:
            found = os.stat(self._path)
        except FileNotFoundError:
            return 0, 0
        return found.st_ino, found.st_mtime_ns
