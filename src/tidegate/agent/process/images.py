"""Images of the process runtime: `IMAGES/NAME/TAG/` with `image.json` and the files."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import msgspec

from tidegate.agent.image_names import local_names, split_name


class Image(msgspec.Struct, frozen=True):
    """What a container starts from. `directory`: the working directory; `path`: put before PATH."""

    name: str
    command: list[str]
    entry_point: list[str] = []
    environment: dict[str, str] = {}
    directory: str = ""
    path: str = ""


def folder_of(images: Path, name: str) -> Path:
    repository, tag = split_name(name)
    # A registry's port too: no virtual environment can be made below a folder with a colon.
    return images / quote(repository, safe="") / tag


def find(images: Path, name: str) -> tuple[Image, Path] | None:
    """A built image and its folder, or None."""
    for candidate in local_names(name):
        folder = folder_of(images, candidate)
        if (folder / "image.json").is_file():
            return msgspec.json.decode((folder / "image.json").read_bytes(), type=Image), folder
    return None
