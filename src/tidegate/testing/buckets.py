"""Buckets in memory."""

from __future__ import annotations

from collections.abc import Mapping

from tidegate.control.buckets import NoSuchObjectError, ObjectTooLargeError


class MemoryBuckets:
    """Objects by (bucket, key)."""

    def __init__(self, objects: Mapping[tuple[str, str], bytes]) -> None:
        self._objects = objects

    async def read(self, bucket: str, key: str, bytes_max: int) -> bytes:
        content = self._objects.get((bucket, key))
        if content is None:
            raise NoSuchObjectError(f"{bucket}/{key}")
        if len(content) > bytes_max:
            raise ObjectTooLargeError(f"{bucket}/{key}")
        return content
