"""Certificates with their keys, as HAProxy reads them at its start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def write_secrets(folder: Path, files: Mapping[str, str]) -> None:
    """Put these files into the folder, for this user's eyes only. Others stay: the file that is in force
    may name them, until the next start finds them named no more."""
    folder.mkdir(mode=0o700, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        if path.exists() and path.read_text() == content:
            continue
        temporary = path.with_name(f".{name}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(content)
        temporary.replace(path)
