"""Where objects are put: folders laid out as buckets, BUCKET/KEY."""

from __future__ import annotations

from pathlib import Path

from tidegate.balancer.decisions.access_log.objects import Destination
from tidegate.fleet.files import write_whole


class FolderBuckets:
    """The buckets are the folders below `root`, which need not exist yet. Prefixes come from users: none
    leads outside its bucket."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, place: Destination, content: bytes) -> None:
        """Make an object; it is whole, or not there. Raises OSError."""
        bucket = (self._root / place.bucket).resolve()
        path = (bucket / place.key).resolve()
        if bucket.parent != self._root.resolve() or not path.is_relative_to(bucket):
            raise PermissionError(f"{place.bucket}/{place.key} is outside its bucket")
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
