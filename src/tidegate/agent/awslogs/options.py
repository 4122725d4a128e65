"""The options of the log driver `awslogs`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from tidegate.agent.payload import ContainerPayload
from tidegate.agent.runtime import RuntimeFault

DRIVER = "awslogs"
# How Docker's driver reads dates; names of days and months are English.
_DATES = {
    "A": "(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)",
    "a": "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)",
    "B": "(?:January|February|March|April|May|June|July|August|September|October|November|December)",
    "b": "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)",
    "d": r"\d{2}",
    "f": r"\d{6}",
    "H": r"\d{2}",
    "I": r"\d{2}",
    "j": r"\d{3}",
    "L": r"\.\d{3}",
    "M": r"\d{2}",
    "m": r"\d{2}",
    "p": "[AP]M",
    "S": r"\d{2}",
    "Y": r"\d{4}",
    "y": r"\d{2}",
    "Z": "[A-Z]{3}",
    "z": r"[+-]\d{4}",
    "%": "%",
}
# `mode` and `max-buffer-size` choose between waiting and losing lines: neither is ever needed, since lines
# wait in files. Whatever the region, they go to this installation's.
_KNOWN = {
    "awslogs-create-group",
    "awslogs-datetime-format",
    "awslogs-group",
    "awslogs-multiline-pattern",
    "awslogs-region",
    "awslogs-stream-prefix",
    "max-buffer-size",
    "mode",
}


class LineStart(Protocol):
    def search(self, line: str) -> object | None: ...


@dataclass(frozen=True, slots=True)
class LogOptions:
    """`start`: what the first line of an event of several lines has; None: each line is an event."""

    group: str
    prefix: str
    creates_group: bool
    start: LineStart | None

    def stream(self, task_id: str, container: str, runtime_id: str) -> str:
        """The name of a container's stream, as Amazon's agent gives it; empty while nobody knows."""
        return f"{self.prefix}/{container}/{task_id}" if self.prefix else runtime_id


def log_files_max(container: ContainerPayload) -> int:
    """How many files of a container's log are kept: of one that is shipped as many as let it wait for control
    for a good while."""
    return 8 if (container.host_config.get("LogConfig") or {}).get("Type") == DRIVER else 2


def log_options(container: ContainerPayload) -> LogOptions | None:
    """None for a container with another driver. Raises RuntimeFault for what is not possible."""
    configuration = container.host_config.get("LogConfig") or {}
    if configuration.get("Type") != DRIVER:
        return None
    options: Mapping[str, str] = configuration.get("Config") or {}
    for name in options:
        if name not in _KNOWN:
            raise RuntimeFault(
                f"CannotCreateContainerError: Error response from daemon: unknown log opt '{name}' for "
                f"{DRIVER} log driver"
            )
    return LogOptions(
        group=options.get("awslogs-group", ""),
        prefix=options.get("awslogs-stream-prefix", ""),
        creates_group=options.get("awslogs-create-group", "").lower() in ("true", "1", "t"),
        start=_start(options),
    )


def _start(options: Mapping[str, str]) -> LineStart | None:
    date, pattern = options.get("awslogs-datetime-format"), options.get("awslogs-multiline-pattern")
    if date is not None and pattern is not None:
        raise RuntimeFault(
            "CannotCreateContainerError: Error response from daemon: you cannot configure log opt "
            "'awslogs-datetime-format' and 'awslogs-multiline-pattern' at the same time"
        )
    text = _date_pattern(date) if date is not None else pattern
    if text is None:
        return None
    # By its name: its library is loaded where there is a pattern.
    patterns = import_module("tidegate.agent.awslogs.line_patterns")
    try:
        start: LineStart = patterns.LinePattern(text)
    except patterns.PatternError as error:
        raise RuntimeFault(
            "CannotCreateContainerError: Error response from daemon: awslogs could not parse multiline "
            f"pattern key '{text}': {error}"
        ) from error
    return start


def _date_pattern(text: str) -> str:
    """A date's format as a regular expression; what is no code stands for itself."""
    return re.sub(
        r"%(.)|([^%]+|%)",
        lambda found: re.escape(found[2]) if found[2] else _DATES.get(found[1], re.escape(found[0])),
        text,
        flags=re.DOTALL,
    )
