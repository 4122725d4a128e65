"""Files that are whole or not there, whenever their writer dies or the power fails."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file; on disk when this returns. Only its owner can read it. Raises OSError."""
    temporary = path.with_name(f".{path.name}")
    # What a writer before left half-written may have other permissions.
    temporary.unlink(missing_ok=True)
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    # The new name is the directory's content, not the file's.
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
