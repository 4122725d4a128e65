"""Raw lines as the contents of objects: rendered, sorted by object, compressed."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec
import structlog

from tidegate.balancer.decisions.access_log.connections import (
    begins_connection,
    connection_line,
    failed_connection_line,
)
from tidegate.balancer.decisions.access_log.health_checks import check_line
from tidegate.balancer.decisions.access_log.objects import Destination, destination
from tidegate.balancer.decisions.access_log.raw import (
    FAILURE,
    LONG,
    FailedConnection,
    LoggedRequest,
    read_failure,
    read_long,
)
from tidegate.balancer.decisions.access_log.requests import access_line
from tidegate.balancer.decisions.access_log.sources import (
    ACCESS,
    CONNECTION,
    HEALTH_CHECK,
    Source,
    log_of,
)
from tidegate.balancer.logs.book import Book
from tidegate.fleet.balancing import EdgeLoadBalancer, EdgeLog

# The fastest: a higher one saves a quarter of the bytes, for three times the work.
_LEVEL = 1
_GZIP = 31
_SHOWN_CHARACTERS = 500

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Lines:
    """Of one frontend; without a log, lines are not kept."""

    source: Source
    access_log: EdgeLog | None
    connection_log: EdgeLog | None
    access: list[str] = field(default_factory=list)
    connections: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Content:
    """Of one object, as far as it has come."""

    balancer: EdgeLoadBalancer
    log: EdgeLog
    compressor: zlib._Compress
    parts: list[bytes] = field(default_factory=list)


class Batch:
    """What has come since the last objects were made. `lines`: how many are in it; `lines_lost`: how many
    could not be rendered, of which the first is told."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._contents: dict[tuple[str, EdgeLog], _Content] = {}
        self.lines = 0
        self.lines_lost = 0

    def add_requests(self, content: bytes) -> None:
        """Whole lines of HAProxy's."""
        found: dict[str, _Lines | None] = {}
        for line in content.decode("latin-1").split("\n"):
            try:
                said = _read(line)
                if said is not None:
                    self._add_request(said, found)
            except (OSError, msgspec.MsgspecError):
                # Of the document, which says what all lines are about.
                raise
            except Exception:
                self._note_lost(line)
        for one in found.values():
            if one is not None:
                self._add(one.source.balancer, one.access_log, one.access)
                self._add(one.source.balancer, one.connection_log, one.connections)

    def add_checks(self, content: bytes) -> None:
        """Whole lines on health checks."""
        found: dict[str, list[str]] = {}
        for line in content.decode("latin-1").splitlines():
            target_group, _, said = line.partition(" ")
            found.setdefault(target_group, []).append(said)
        for target_group, lines in found.items():
            balancer = self._book.checked_for(target_group)
            if balancer is not None:
                log = log_of(balancer, HEALTH_CHECK)
                self._add(balancer, log, [check_line(said, balancer) for said in lines])

    def objects(self, end: int, unique: str) -> Iterator[tuple[Destination, bytes]]:
        """Everything in it; nothing can be added afterwards."""
        for content in self._contents.values():
            place = destination(content.balancer, content.log, end, unique)
            yield place, b"".join([*content.parts, content.compressor.flush()])

    def _add_request(self, said: LoggedRequest | FailedConnection, found: dict[str, _Lines | None]) -> None:
        if said.frontend not in found:
            found[said.frontend] = self._lines_of(said.frontend)
        lines = found[said.frontend]
        if lines is not None:
            _render(lines, said)

    def _note_lost(self, line: str) -> None:
        """A line that no code has foreseen must not stop, for good, all those behind it."""
        if not self.lines_lost:
            _log.exception("a line of a log is lost", line=line[:_SHOWN_CHARACTERS])
        self.lines_lost += 1

    def _lines_of(self, frontend: str) -> _Lines | None:
        source = self._book.source(frontend)
        return None if source is None else _Lines(source, source.log(ACCESS), source.log(CONNECTION))

    def _add(self, balancer: EdgeLoadBalancer, log: EdgeLog | None, lines: list[str]) -> None:
        if log is None or not lines:
            return
        content = self._contents.get((balancer.arn, log))
        if content is None:
            # Without a time in it: the same lines make the same object.
            compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
            content = self._contents[balancer.arn, log] = _Content(balancer, log, compressor)
        content.parts.append(
            content.compressor.compress("\n".join([*lines, ""]).encode("ascii", "backslashreplace"))
        )
        self.lines += len(lines)


def _read(line: str) -> LoggedRequest | FailedConnection | None:
    if line.startswith(LONG):
        return read_long(line)
    return read_failure(line) if line.startswith(FAILURE) else None


def _render(lines: _Lines, said: LoggedRequest | FailedConnection) -> None:
    if isinstance(said, FailedConnection):
        if lines.connection_log is not None:
            lines.connections.append(failed_connection_line(lines.source, said))
        return
    if lines.access_log is not None:
        lines.access.append(access_line(lines.source, said))
    if lines.connection_log is not None and begins_connection(said):
        lines.connections.append(connection_line(lines.source, said))
