"""A file of all checks of some target groups, for their load balancers' logs."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

import structlog

from tidegate.balancer.decisions.access_log.health_checks import raw_line
from tidegate.balancer.decisions.checks import Question
from tidegate.balancer.decisions.health import Probe

_SEGMENT_BYTES_MAX = 8 * 1024 * 1024

_log = structlog.get_logger(__name__)


class Record:
    """`health.log`, and `health.log.1`, the older one: so many bytes and no more. `groups` may be set at
    any time; all else belongs to the checker's thread."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "health.log"
        self._lines: list[str] = []
        self.groups: Collection[str] = frozenset()

    def add(
        self, target_group_arn: str, asked: Question, probe: Probe, matcher: str, began: float, seconds: float
    ) -> None:
        """One check, begun then (Unix time), if its group is one of those."""
        if target_group_arn in self.groups:
            self._lines.append(
                raw_line(target_group_arn, asked, probe, matcher, began=began, seconds=seconds)
            )

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits to be written."""
        return not self._lines

    def write(self) -> None:
        """Put what was added into the file. What cannot be written is lost."""
        lines, self._lines = self._lines, []
        try:
            if lines:
                self._write(lines)
        except OSError as error:
            _log.error("health checks were not recorded", error=str(error))

    def _write(self, lines: list[str]) -> None:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, "".join(f"{line}\n" for line in lines).encode())
            size = os.fstat(descriptor).st_size
        finally:
            os.close(descriptor)
        if size > _SEGMENT_BYTES_MAX:
            self._path.replace(self._path.with_name("health.log.1"))
