"""Images of the process runtime: `IMAGES/NAME/TAG/` with `image.json` and the files."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import msgspec

_ECR = re.compile(r"^\d{12}\.dkr\.ecr\.[\w-]+\.amazonaws\.com/")


class Image(msgspec.Struct, frozen=True):
    """What a container starts from. `directory`: the working directory; `path`: put before PATH."""

    name: str
    command: list[str]
    entry_point: list[str] = []
    environment: dict[str, str] = {}
    directory: str = ""
    path: str = ""
    exposed_port: int | None = None


def split_name(name: str) -> tuple[str, str]:
    """(repository, tag) of an image name; the tag is `latest` where none is given."""
    head, _, last = name.rpartition("/")
    repository, _, tag = last.partition(":")
    return (f"{head}/{repository}" if head else repository), tag or "latest"


def local_names(name: str) -> list[str]:
    """Under which names a local image of that name may lie: itself, and for a name of ECR's form
    (`ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG`) the name that it was built under."""
    plain = _ECR.sub("", name)
    return [name] if plain == name else [name, plain]


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
