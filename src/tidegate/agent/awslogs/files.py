"""A container's log: a row of files, the newest `NAME.log`, before it `NAME.log.1` and so on.

A file is known by its inode and by how it begins: numbers of inodes are given out again at once.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

_HEAD_BYTES = 64
# A rotation takes microseconds; who reads in the middle of one looks again.
_LOOKS = 5


class Place(msgspec.Struct, frozen=True):
    """Behind so many bytes of a file, and behind `total` of the whole log."""

    inode: int = 0
    head: bytes = b""
    offset: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """What was read of one file: from `offset` on, `size` bytes."""

    inode: int
    head: bytes
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class Reading:
    """`is_broken`: what followed on the place is gone, and this is what comes next."""

    content: bytes
    parts: tuple[Part, ...]
    is_broken: bool
    begin: Place

    @property
    def start(self) -> Place:
        """Where the content begins, in files that are there."""
        for part in self.parts:
            if part.offset + part.size:
                return Place(part.inode, part.head, part.offset, self.begin.total)
        return self.begin

    def after(self, size: int) -> Place:
        """The place behind so many of the bytes."""
        total = self.begin.total + size
        for part in self.parts:
            if size <= part.size:
                offset = part.offset + size
                return Place(part.inode, part.head[:offset], offset, total)
            size -= part.size
        return self.begin


@dataclass(frozen=True, slots=True)
class Mark:
    """What the newest file of a log is at a time: as long as it is the same, nothing was written."""

    inode: int
    head: bytes
    size: int


def mark_of(path: Path) -> Mark | None:
    """None while there is no such file."""
    try:
        file = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        found = os.fstat(file)
        return Mark(found.st_ino, os.pread(file, _HEAD_BYTES, 0), found.st_size)
    finally:
        os.close(file)


def read_after(path: Path, place: Place, bytes_max: int) -> Reading:
    """What follows on a place, over the ends of files."""
    for look in range(_LOOKS):
        with ExitStack() as stack:
            files = [stack.enter_context(file) for file in _opened(path)]
            inodes = [os.fstat(file.fileno()).st_ino for file in files]
            reading = _read(files, inodes, place, bytes_max)
            is_settled = _inodes(path) == inodes
        if is_settled or look == _LOOKS - 1:
            return reading
    raise AssertionError("unreachable")


def rotate(path: Path, files_max: int) -> None:
    """Move a log's file aside; of all files that many stay, a new one among them. A gap, which a rotation
    that was killed leaves, is closed instead."""
    gap = next((number for number in range(1, files_max) if not _numbered(path, number).exists()), files_max)
    for number in range(min(gap, files_max - 1), 0, -1):
        older = _numbered(path, number - 1)
        with suppress(FileNotFoundError):
            older.replace(_numbered(path, number))


def _read(files: list[BinaryIO], inodes: list[int], place: Place, bytes_max: int) -> Reading:
    found = next(
        (
            index
            for index, (file, inode) in enumerate(zip(files, inodes, strict=True))
            if inode == place.inode and os.pread(file.fileno(), len(place.head), 0) == place.head
        ),
        None,
    )
    content, parts = b"", []
    offset = place.offset if found is not None else 0
    for file, inode in list(zip(files, inodes, strict=True))[found or 0 :]:
        file.seek(offset)
        read = file.read(bytes_max - len(content))
        parts.append(Part(inode, os.pread(file.fileno(), _HEAD_BYTES, 0), offset, len(read)))
        content, offset = content + read, 0
        if len(content) >= bytes_max:
            break
    return Reading(content, tuple(parts), found is None and place.inode != 0 and bool(files), place)


def _opened(path: Path) -> list[BinaryIO]:
    """The files that there are, the oldest first."""
    files: list[BinaryIO] = []
    for number in range(_count(path) - 1, -1, -1):
        with suppress(FileNotFoundError):
            files.append(_numbered(path, number).open("rb"))
    return files


def _inodes(path: Path) -> list[int]:
    found = []
    for number in range(_count(path) - 1, -1, -1):
        with suppress(FileNotFoundError):
            found.append(_numbered(path, number).stat().st_ino)
    return found


def _count(path: Path) -> int:
    """How many numbers there are. During a rotation, or after one that was killed, one has no file."""
    prefix, numbers = f"{path.name}.", [0]
    with suppress(FileNotFoundError):
        endings = (
            one.name.removeprefix(prefix) for one in path.parent.iterdir() if one.name.startswith(prefix)
        )
        numbers += [int(ending) for ending in endings if ending.isdecimal()]
    return max(numbers) + 1


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}") if number else path
