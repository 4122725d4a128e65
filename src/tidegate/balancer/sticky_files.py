"""What stickiness keeps on disk: the balancer's key, and HAProxy's maps for its next start."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path

from tidegate.fleet.files import write_whole

_KEY_BYTES = 32


def persistent_key(path: Path) -> bytes:
    """The key in a file that only this user may read; a new one the first time."""
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        key = b""
    if len(key) != _KEY_BYTES:
        key = secrets.token_bytes(_KEY_BYTES)
        write_whole(path, key)
    return key


class MapFolder:
    """Exactly the maps that the present file names."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, files: Mapping[str, str]) -> None:
        """`files`: texts by paths."""
        for path, text in files.items():
            Path(path).write_text(text)
        for present in self.folder.iterdir():
            if str(present) not in files:
                present.unlink()
