"""Objects for an S3-compatible endpoint: kept on disk until it has them.

Only so much is kept: when the endpoint is away for long, the oldest objects are dropped, and that is logged.
"""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path
from typing import Protocol

import structlog

from tidegate.balancer.decisions.access_log.objects import Destination
from tidegate.balancer.logs.buckets import FolderBuckets

KEPT_BYTES_MAX = 256 * 1024 * 1024
_LOOK_EVERY_SECONDS = 1.0
_BACK_OFF_SECONDS_MAX = 60.0

_log = structlog.get_logger(__name__)


class UploadError(Exception):
    """The endpoint did not take an object. It is offered again later."""


class Remote(Protocol):
    def upload(self, place: Destination, content: bytes) -> None:
        """Put an object; a second time it is the same. Raises UploadError."""
        ...


def back_off(failures: int) -> float:
    """Seconds until the next attempt after so many failures in a row."""
    return min(_BACK_OFF_SECONDS_MAX, float(2 ** min(failures, 10)))


class Outbox:
    """Takes objects at once, and has a thread that uploads them. `kept`: the folder they wait in."""

    def __init__(self, kept: Path, remote: Remote, bytes_max: int = KEPT_BYTES_MAX) -> None:
        self._folder = kept
        self._local = FolderBuckets(kept)
        self._remote = remote
        self._bytes_max = bytes_max
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upload", daemon=True)

    def put(self, place: Destination, content: bytes) -> None:
        """Keep an object until it is uploaded. Raises OSError."""
        self._local.put(place, content)
        self._drop_oldest()

    def start(self) -> None:
        self._thread.start()

    def stop(self, patience_seconds: float) -> None:
        """End; what is not uploaded by then waits for the next start."""
        self._stopping.set()
        self._thread.join(timeout=patience_seconds)

    def waiting(self) -> list[Path]:
        """Objects that are not uploaded yet, the oldest first."""
        return [path for _, path, _ in self._waiting()]

    def upload(self) -> None:
        """Upload what waits, of each bucket until one is not taken: a bucket that is not there holds up no
        other. Raises UploadError at last, for the first of these."""
        refused: dict[str, UploadError] = {}
        for path in self.waiting():
            bucket, _, key = path.relative_to(self._folder).as_posix().partition("/")
            if bucket in refused:
                continue
            try:
                # One that was dropped meanwhile is gone.
                with contextlib.suppress(FileNotFoundError):
                    self._remote.upload(Destination(bucket, key), path.read_bytes())
            except UploadError as error:
                refused[bucket] = error
                continue
            path.unlink(missing_ok=True)
        for first in refused.values():
            raise first

    def _run(self) -> None:
        failures = 0
        while True:
            is_last = self._stopping.wait(back_off(failures) if failures else _LOOK_EVERY_SECONDS)
            try:
                self.upload()
                failures = 0
            except (UploadError, OSError) as error:
                failures += 1
                _log.warning("logs wait for their bucket", error=str(error), objects=len(self.waiting()))
            if is_last:
                return

    def _drop_oldest(self) -> None:
        kept = self._waiting()
        size = sum(bytes_ for _, _, bytes_ in kept)
        while size > self._bytes_max and len(kept) > 1:
            (_, oldest, bytes_), *kept = kept
            size -= bytes_
            oldest.unlink(missing_ok=True)
            _log.error("a log is lost: its bucket was away for too long", object=str(oldest))

    def _waiting(self) -> list[tuple[int, Path, int]]:
        """When each was put, where, and its size, the oldest first. Those that go meanwhile are left out."""
        found = []
        for path in self._folder.rglob("*.log.gz"):
            with contextlib.suppress(FileNotFoundError):
                stat = path.stat()
                found.append((stat.st_mtime_ns, path, stat.st_size))
        # What is being written has a dot before its name.
        return sorted(one for one in found if not one[1].name.startswith("."))
