"""What `tidegate down` leaves for the next `up`: on which instances every container was ended, and when.

Nobody is there to report it: control stops before the agents do, so that it takes none of this for a failure
to mend. Without the mark the region would begin with tasks and targets that it takes for alive.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from tidegate.fleet.files import write_whole


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchedOff:
    """`at`: Unix seconds, when the last container had ended."""

    at: float
    instance_ids: tuple[str, ...]


def mark(data_dir: Path, what: SwitchedOff) -> None:
    """Raises OSError."""
    write_whole(_path(data_dir), msgspec.json.encode(what))


def read_mark(data_dir: Path) -> SwitchedOff | None:
    """The mark; None where there is none that can be read."""
    try:
        return msgspec.json.decode(_path(data_dir).read_bytes(), type=SwitchedOff)
    except (OSError, msgspec.MsgspecError):
        return None


def remove_mark(data_dir: Path) -> None:
    """What it says is done. Raises OSError."""
    _path(data_dir).unlink(missing_ok=True)


def _path(data_dir: Path) -> Path:
    return data_dir / "switched-off.json"
