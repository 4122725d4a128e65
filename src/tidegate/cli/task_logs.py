"""The log lines of tasks: from CloudWatch Logs where they are shipped there, else from the files that this
host's agents keep."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tidegate.cli.clusters import clusters, clusters_of
from tidegate.cli.places import Places
from tidegate.cli.shipped_logs import Container, ShippedLogs

# As lines are labelled: what a reader has at hand must be enough to name a task.
_SHORT_ID_LENGTH = 8
_TASK_ID = re.compile(r"[0-9a-f]{32}")
_SHORT_ID = re.compile(r"[0-9a-f]{8,}")


class UnknownTaskError(Exception):
    """Neither a task nor a service of that name has logs here; the message says so."""


@dataclass(frozen=True, slots=True)
class _Read:
    """How far a container's log was read, and of which file: a rotation moves it aside, to `.log.1`.
    `unfinished`: the beginning of a line whose end is not written yet."""

    inode: int
    offset: int
    unfinished: bytes


class TaskLogs:
    """What a task, or every task of a service, wrote and writes; dead tasks included.

    `tasks_of` gives the ids of a service's tasks. It is asked again for every look, since a deployment
    brings new ones; a failure to answer leaves those that are known. `shipped`: what is in CloudWatch Logs.
    `is_service`: no task that has written on this host has that name.
    """

    def __init__(
        self,
        data_dir: Path,
        name: str,
        tasks_of: Callable[[str], Iterable[str]],
        shipped: ShippedLogs | None = None,
    ) -> None:
        self._folder = Places(data_dir).instances
        self._name = name
        self._tasks_of = tasks_of
        self._shipped = shipped
        self._task_ids = self._named_tasks(name.rsplit("/", 1)[-1])
        self.is_service = not self._task_ids
        self._read: dict[Path, _Read] = {}

    def begin(self, tail: int, *, is_following: bool) -> list[str]:
        """What is there, oldest first, each line as `TASK/CONTAINER  TIME TEXT`; of each container the
        last `tail` lines, or all when that is 0. A line without an end is left to `new` where that will
        follow. Raises UnknownTaskError."""
        files, containers = self._sources()
        if not files and not containers:
            raise UnknownTaskError(
                f"no log lines of {self._name}: give the id of a task (`aws ecs list-tasks` "
                "lists them), or the name of a service that has started tasks"
            )
        found: list[str] = []
        for path in files:
            lines = self._lines(path, whole_only=is_following)
            found += [_labelled(path, line) for line in lines[-tail:]]
        for container in containers:
            assert self._shipped is not None
            found += [_label(container, line) for line in self._shipped.last(container, tail)]
        return sorted(found, key=_time)

    def new(self) -> list[str]:
        """What was written since the last look, by new tasks too."""
        files, containers = self._sources()
        found = [_labelled(path, line) for path in files for line in self._lines(path)]
        for container in containers:
            assert self._shipped is not None
            found += [_label(container, line) for line in self._shipped.new(container)]
        return sorted(found, key=_time)

    def _named_tasks(self, name: str) -> set[str]:
        known = {path.name for path in self._folder.glob("*/logs/*")}
        is_short = _SHORT_ID.fullmatch(name) is not None
        return {task_id for task_id in known if task_id == name or (is_short and task_id.startswith(name))}

    def _sources(self) -> tuple[list[Path], list[Container]]:
        """The files to be read, and the containers whose lines are shipped."""
        if self.is_service:
            self._task_ids |= set(self._tasks_of(self._name))
        containers = self._shipped.containers(self._task_ids) if self._shipped is not None else []
        # What was begun in its file goes on there: it would be told twice.
        begun = {(path.parent.name, path.stem) for path in self._read}
        containers = [one for one in containers if one not in begun]
        shipped = set(containers)
        files = [
            path
            for path in self._folder.glob("*/logs/*/*.log")
            if path.parent.name in self._task_ids and (path.parent.name, path.stem) not in shipped
        ]
        return sorted(files), containers

    def _lines(self, path: Path, *, whole_only: bool = True) -> list[str]:
        known = self._read.get(path)
        with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
            inode = os.fstat(file.fileno()).st_ino
            content = known.unfinished if known else b""
            if known is not None and known.inode == inode:
                file.seek(known.offset)
            else:
                content += _moved_aside(path, known)
            content += file.read()
            end = content.rfind(b"\n") + 1 if whole_only else len(content)
            self._read[path] = _Read(inode, file.tell(), content[end:])
            return list(_split(content[:end]))
        # In the middle of a rotation: the next look finds the new file.
        return []


def tasks_of_service(ecs: Any, name: str) -> set[str]:
    """Ids of a service's tasks, stopped ones that are still described included. A bare name may be that of
    services in several clusters; an ARN names its cluster."""
    found: set[str] = set()
    for cluster in clusters_of(ecs, name):
        for status in ("RUNNING", "STOPPED"):
            pages = ecs.get_paginator("list_tasks").paginate(
                cluster=cluster, serviceName=name.rsplit("/", 1)[-1], desiredStatus=status
            )
            with contextlib.suppress(ecs.exceptions.ServiceNotFoundException):
                found |= {arn.rsplit("/", 1)[-1] for page in pages for arn in page["taskArns"]}
    return found


def tasks_named(ecs: Any, name: str) -> set[str]:
    """Ids of the tasks of a service of that name, or of the task that has it as its id or ARN."""
    task_id = name.rsplit("/", 1)[-1]
    if _TASK_ID.fullmatch(task_id) is None:
        return tasks_of_service(ecs, name)
    for cluster in clusters(ecs):
        if ecs.describe_tasks(cluster=cluster, tasks=[task_id])["tasks"]:
            return {task_id}
    return set()


def _moved_aside(path: Path, known: _Read | None) -> bytes:
    """What a rotation moved aside and was not read yet; it may end within a line."""
    with contextlib.suppress(FileNotFoundError), path.with_name(path.name + ".1").open("rb") as older:
        if known is not None and os.fstat(older.fileno()).st_ino == known.inode:
            older.seek(known.offset)
        return older.read()
    return b""


def _split(content: bytes) -> Iterator[str]:
    """At newlines alone: each has a time after it, which other ends of a line have not."""
    for line in content.removesuffix(b"\n").split(b"\n") if content else ():
        yield line.rstrip(b"\r").decode(errors="replace")


def _labelled(path: Path, line: str) -> str:
    return _label((path.parent.name, path.stem), line)


def _label(container: Container, line: str) -> str:
    task_id, name = container
    return f"{task_id[:_SHORT_ID_LENGTH]}/{name}  {line}"


def _time(labelled: str) -> str:
    """The time that a line begins with, after its label."""
    return labelled.split("  ", 1)[1].split(" ", 1)[0]
