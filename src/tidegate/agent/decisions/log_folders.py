"""Which tasks' logs are removed from a host's disk; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

# So long `tidegate logs` tells of a task that has ended.
KEPT_SECONDS = 24 * 3600.0
BYTES_MAX = 1024**3


class Need(IntEnum):
    """What a task's logs are still needed for; those go first that are needed least."""

    READERS = 0
    RECORD = 1
    SHIPMENT = 2
    TASK = 3


@dataclass(frozen=True, slots=True)
class LogFolder:
    """The logs of one task: their bytes, and until when it was known to have a record, Unix seconds. Of a
    task with a record that is the time of its stop."""

    task_id: str
    size: int
    known_until: float
    need: Need


def removable(
    folders: Iterable[LogFolder],
    now: float,
    *,
    kept_seconds: float = KEPT_SECONDS,
    bytes_max: int = BYTES_MAX,
) -> list[LogFolder]:
    """Those of forgotten tasks that are old, then of stopped ones as many as are too many bytes: what is
    needed least and is oldest first. Logs of tasks that run always stay, and do not count: each is bounded by
    itself, and many would leave no room for those of tasks that have just stopped."""
    ended = [one for one in folders if one.need != Need.TASK]
    ordered = sorted(ended, key=lambda one: (one.need, one.known_until))
    excess = sum(one.size for one in ordered) - bytes_max
    found = []
    for folder in ordered:
        is_old = folder.need == Need.READERS and now - folder.known_until > kept_seconds
        if is_old or (excess > 0 and folder.size > 0):
            found.append(folder)
            excess -= folder.size
    return found
