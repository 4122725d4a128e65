"""Which logs there are to ship, and which of them have nothing new.

A host may have hundreds of containers, most of which are silent at a time. So what is known of a container's
log is kept, and a look at one that was read to its end is one at the beginning of its newest file.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from tidegate.agent.awslogs.files import Mark
from tidegate.agent.awslogs.options import LogOptions, log_options
from tidegate.agent.payload import TaskPayload
from tidegate.agent.runtime import RuntimeFault


@dataclass(slots=True)
class Source:
    """`key`: `TASK/CONTAINER`. `read_to`: what the newest file was when nothing of the log was left."""

    key: str
    path: Path
    options: LogOptions
    read_to: Mark | None = None


@dataclass(slots=True)
class Sources:
    """`folder`: with a folder of logs for each task."""

    folder: Path
    _known: dict[str, Source | None] = field(default_factory=dict)

    def of(self, task: TaskPayload, name: str) -> Source | None:
        """Where a container's log is; None of one that is not shipped."""
        key = f"{task.id}/{name}"
        if key not in self._known:
            self._known[key] = self._source(key, task, name)
        return self._known[key]

    def keep(self, tasks: Collection[str]) -> None:
        """Let go of what belongs to other tasks."""
        self._known = {key: one for key, one in self._known.items() if key.split("/")[0] in tasks}

    def _source(self, key: str, task: TaskPayload, name: str) -> Source | None:
        try:
            options = log_options(task.container(name))
        except RuntimeFault:
            # The container does not start, and says why.
            return None
        return None if options is None else Source(key, self.folder / task.id / f"{name}.log", options)
