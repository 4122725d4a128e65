"""Counts what is in the access log, from its files, behind the thread that writes them.

Where it has read up to is a place in a file, so that a balancer that starts again goes on where it was: what
was logged meanwhile is counted, and nothing twice.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tidegate.balancer.decisions.traffic.lines import words
from tidegate.balancer.haproxy.access_log import segments

# Python does nothing else while it counts these: about 0.2 ms.
_CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPlace:
    """A file, by its inode, and how much of it was read."""

    inode: int
    offset: int


class LogTally:
    """Not for several threads at a time. `folder`: where the log's segments are. `place` None: begin with
    what is written from now on."""

    def __init__(self, folder: Path, place: LogPlace | None) -> None:
        self._folder = folder
        self._file: int | None = None
        self.place = place
        self.words: Counter[bytes] = Counter()
        if place is None:
            newest = segments(folder)[0]
            self.place = _end_of(newest) if newest.exists() else None

    def read(self) -> None:
        """Count the lines that have come since. Raises OSError."""
        while True:
            file = self._open()
            if file is None:
                return
            self._read_on(file)
            # Asked before the last look: what is followed by another segment is not written to any more.
            if not self._has_newer():
                return
            self._read_on(file)
            self._go_on()

    def take(self) -> Counter[bytes]:
        """What was counted since the last time."""
        taken, self.words = self.words, Counter()
        return taken

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _open(self) -> int | None:
        if self._file is None:
            known = [path for path in segments(self._folder) if path.exists()]
            if not known:
                return None
            # A segment that is gone was older than all that are there.
            path = next((one for one in known if self._is_at(one)), known[-1])
            self._file = os.open(path, os.O_RDONLY)
            inode = os.fstat(self._file).st_ino
            if self.place is None or self.place.inode != inode:
                self.place = LogPlace(inode=inode, offset=0)
        return self._file

    def _is_at(self, path: Path) -> bool:
        return self.place is not None and path.stat().st_ino == self.place.inode

    def _read_on(self, file: int) -> None:
        assert self.place is not None
        inode, offset = self.place.inode, self.place.offset
        while True:
            chunk = os.pread(file, _CHUNK_BYTES, offset)
            lines = chunk[: chunk.rfind(b"\n") + 1]
            if not lines:
                return
            self.words.update(words(lines))
            offset += len(lines)
            self.place = LogPlace(inode=inode, offset=offset)

    def _has_newer(self) -> bool:
        newest = segments(self._folder)[0]
        return newest.exists() and not self._is_at(newest)

    def _go_on(self) -> None:
        """To the segment that was begun next."""
        known = [path for path in segments(self._folder) if path.exists()]
        number = next((n for n, one in enumerate(known) if self._is_at(one)), len(known))
        self.close()
        self.place = LogPlace(inode=known[max(0, number - 1)].stat().st_ino, offset=0)


def _end_of(path: Path) -> LogPlace:
    found = path.stat()
    return LogPlace(inode=found.st_ino, offset=found.st_size)
