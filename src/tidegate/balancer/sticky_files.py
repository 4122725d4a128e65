"""The balancer's key for stickiness, on disk."""

from __future__ import annotations

import secrets
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
