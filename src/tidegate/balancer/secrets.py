"""Certificates with their keys, as HAProxy reads them at its start."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tidegate.fleet.files import write_whole


def write_secrets(folder: Path, files: Mapping[str, str]) -> None:
    """Put these files into the folder, for this user's eyes only. Others stay: the file that is in force
    may name them, until the next start finds them named no more."""
    folder.mkdir(mode=0o700, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        if not path.exists() or path.read_text() != content:
            write_whole(path, content.encode())
