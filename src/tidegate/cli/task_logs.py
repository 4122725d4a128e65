"""The log lines of tasks, from the files that this host's agents keep."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from tidegate.cli.clients import aws_client
from tidegate.cli.places import Places
from tidegate.cli.settings import SettingsError, load

_POLL_SECONDS = 0.3


class UnknownTaskError(Exception):
    """Neither a task nor a service of that name has logs here."""


def lines_of(data_dir: Path, name: str, tail: int) -> list[str]:
    """What is there, oldest first, each line as `TASK/CONTAINER  TIME TEXT`. Raises UnknownTaskError."""
    files = _files(data_dir, name)
    if not files:
        raise UnknownTaskError(f"no log lines of {name} on this host")
    lines: list[tuple[str, str]] = []
    for path in files:
        own = [line for part in _parts(path) for line in part.read_text(errors="replace").splitlines()]
        lines += [(line.split(" ", 1)[0], _labelled(path, line)) for line in (own[-tail:] if tail else own)]
    return [line for _, line in sorted(lines, key=lambda pair: pair[0])]


def follow(data_dir: Path, name: str) -> Iterator[str]:
    """New lines as they come, of new tasks too; for ever."""
    places = {path: path.stat().st_size for path in _files(data_dir, name)}
    while True:
        time.sleep(_POLL_SECONDS)
        for path in _files(data_dir, name):
            start = places.get(path, 0)
            size = path.stat().st_size
            if size < start:
                # Rotated: the file begins anew.
                start = 0
            if size > start:
                with path.open("rb") as file:
                    file.seek(start)
                    text = file.read()
                whole = text[: text.rfind(b"\n") + 1]
                places[path] = start + len(whole)
                yield from (_labelled(path, line) for line in whole.decode(errors="replace").splitlines())


def _files(data_dir: Path, name: str) -> list[Path]:
    instances = Places(data_dir).instances
    wanted = _task_ids(data_dir, name)
    return sorted(path for path in instances.glob("*/logs/*/*.log") if path.parent.name in wanted)


def _task_ids(data_dir: Path, name: str) -> set[str]:
    """The task itself, or the tasks of the service, dead ones that are still described included."""
    text = name.rsplit("/", 1)[-1]
    if any(Places(data_dir).instances.glob(f"*/logs/{text}")):
        return {text}
    try:
        ecs = aws_client("ecs", load(data_dir))
        ids: set[str] = set()
        for cluster in ecs.list_clusters()["clusterArns"]:
            for status in ("RUNNING", "STOPPED"):
                pages = ecs.get_paginator("list_tasks").paginate(
                    cluster=cluster, serviceName=text, desiredStatus=status
                )
                ids |= {arn.rsplit("/", 1)[-1] for page in pages for arn in page["taskArns"]}
    except (SettingsError, ClientError, BotoCoreError) as error:
        raise UnknownTaskError(
            f"{name} is no task of this host, and its service cannot be asked: {error}"
        ) from error
    return ids


def _parts(path: Path) -> list[Path]:
    """The rotated part, when there is one, before the present one."""
    older = path.with_name(path.name + ".1")
    return [older, path] if older.exists() else [path]


def _labelled(path: Path, line: str) -> str:
    return f"{path.parent.name[:8]}/{path.stem}  {line}"
