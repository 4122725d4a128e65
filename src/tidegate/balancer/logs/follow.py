"""Reads a file that another thread or process writes and rotates: each whole line once, over rotations and
restarts.

The newest segment is `NAME`, older ones are `NAME.1`, `NAME.2`, ...; a segment keeps its inode when it is
renamed. What was rotated away before it was read is lost, and that is counted.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

# By its first bytes a segment is known from one that has got the same inode after it.
_HEAD_BYTES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """How far was read: of which segment, and of that how many bytes. As it is made: nothing yet, of the
    oldest."""

    inode: int = 0
    head: str = ""
    offset: int = 0

    def is_in(self, other: Position) -> bool:
        """Whether both are of one segment, of which the head may not have been written whole then."""
        return self.inode == other.inode and other.head.startswith(self.head)


class Follower:
    """One reader of one file's segments."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._segment: int | None = None
        self._position = Position()
        self.segments_lost = 0

    @property
    def position(self) -> Position:
        """Of what has been read."""
        return self._position

    def seek(self, position: Position) -> None:
        """Read on from where an earlier reader was; from the oldest line when its segment is gone."""
        self.close()
        segments = [(path, _beginning(path)) for path in self._segments()]
        for path, beginning in segments:
            if position.is_in(beginning) and self._open(path, replace(position, inode=beginning.inode)):
                return
        if segments and self._open(*segments[-1]):
            self.segments_lost += position != Position()

    def read(self, bytes_max: int, until: Position | None = None) -> bytes:
        """More whole lines, with their ends; nothing when there are none yet. `until`: not beyond that."""
        while True:
            if self._segment is None:
                self.seek(Position())
            if self._segment is None:
                return b""
            lines = self._lines(bytes_max if until is None else self._room(bytes_max, until))
            if lines or (until is not None and self._position.inode == until.inode) or not self._go_on():
                return lines

    def close(self) -> None:
        if self._segment is not None:
            os.close(self._segment)
        self._segment, self._position = None, Position()

    def _room(self, bytes_max: int, until: Position) -> int:
        if self._position.inode != until.inode:
            return bytes_max
        return max(0, min(bytes_max, until.offset - self._position.offset))

    def _lines(self, bytes_max: int) -> bytes:
        assert self._segment is not None
        content = os.pread(self._segment, bytes_max, self._position.offset)
        lines = content[: content.rfind(b"\n") + 1]
        if lines:
            head = self._position.head or lines[:_HEAD_BYTES].decode("latin-1")
            self._position = replace(self._position, head=head, offset=self._position.offset + len(lines))
        return lines

    def _go_on(self) -> bool:
        """Open the segment that was begun after this one; whether there is one, and all whole lines of this
        one are read. Its writer may have added to it until it was renamed."""
        assert self._segment is not None
        segments = self._segments()
        inodes = [_beginning(path).inode for path in segments]
        is_there = self._position.inode in inodes
        newer = segments[: inodes.index(self._position.inode)] if is_there else segments
        if not newer or b"\n" in os.pread(self._segment, 64 * 1024, self._position.offset):
            return False
        following = _beginning(newer[-1])
        if following.inode != inodes[len(newer) - 1] or not self._open(newer[-1], following):
            return False
        self.segments_lost += not is_there
        return True

    def _open(self, path: Path, position: Position) -> bool:
        """Go on there, unless another segment has that name by now."""
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            return False
        if os.fstat(descriptor).st_ino != position.inode:
            os.close(descriptor)
            return False
        self.close()
        self._segment, self._position = descriptor, position
        return True

    def _segments(self) -> list[Path]:
        """The newest first."""
        older = [path for path in self._path.parent.glob(f"{self._path.name}.*") if path.suffix[1:].isdigit()]
        older.sort(key=lambda path: int(path.suffix[1:]))
        return [path for path in (self._path, *older) if path.exists()]


def end_of(path: Path) -> Position:
    """Where what is written from now on will be."""
    try:
        return replace(_beginning(path), offset=path.stat().st_size)
    except FileNotFoundError:
        return Position()


def _beginning(path: Path) -> Position:
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES).decode("latin-1")
            return Position(inode=os.fstat(file.fileno()).st_ino, head=head)
    except FileNotFoundError:
        return Position(inode=-1)
