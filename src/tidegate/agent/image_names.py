"""Names of images, the same on both runtimes."""

from __future__ import annotations

import re

_ECR = re.compile(r"^\d{12}\.dkr\.ecr\.[\w-]+\.amazonaws\.com/")


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
