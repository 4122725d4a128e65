"""Objects that requests name by bucket and key, as files of a folder laid out like S3: BUCKET/KEY.

Users put files there by any means, and other parts of an installation write there too (logs, say). Names
come from requests: none of them leads outside its bucket, over a symbolic link neither.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Protocol

_BUCKET = re.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


class NoSuchObjectError(Exception):
    """There is no such object, or no such bucket."""


class ObjectTooLargeError(Exception):
    """The object is larger than what it is read for may be."""


class Buckets(Protocol):
    async def read(self, bucket: str, key: str, bytes_max: int) -> bytes:
        """An object's content; raises NoSuchObjectError, ObjectTooLargeError."""
        ...


class NoBuckets:
    """An installation without any."""

    async def read(self, bucket: str, key: str, bytes_max: int) -> bytes:  # noqa: ARG002 - nothing is there
        raise NoSuchObjectError(f"{bucket}/{key}")


class FolderBuckets:
    """The buckets are the folders below `root`, which need not exist yet."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def read(self, bucket: str, key: str, bytes_max: int) -> bytes:
        return await asyncio.to_thread(self._read, bucket, key, bytes_max)

    def _read(self, bucket: str, key: str, bytes_max: int) -> bytes:
        path = self._path(bucket, key)
        try:
            with path.open("rb") as file:
                content = file.read(bytes_max + 1)
        except OSError as error:
            raise NoSuchObjectError(f"{bucket}/{key}") from error
        if len(content) > bytes_max:
            raise ObjectTooLargeError(f"{bucket}/{key}")
        return content

    def _path(self, bucket: str, key: str) -> Path:
        # A key that a path cannot say (S3 tells `a//b` from `a/b`) has no file.
        is_path = "\0" not in key and not {"", ".", ".."} & set(key.split("/"))
        if _BUCKET.fullmatch(bucket) is None or not is_path:
            raise NoSuchObjectError(f"{bucket}/{key}")
        folder = (self._root / bucket).resolve()
        path = (folder / key).resolve()
        if not path.is_relative_to(folder) or not path.is_file():
            raise NoSuchObjectError(f"{bucket}/{key}")
        return path
