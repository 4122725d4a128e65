"""On disk: the tasks that were accepted, and what of them has not been reported yet.

One file per task, replaced atomically and synced before an order is acknowledged, so that neither a
SIGKILL at any instant nor a power cut loses an order; what was reported is remembered, so that nothing is
reported twice.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from tidegate.agent.payload import TaskPayload
from tidegate.fleet.files import write_whole


class Record(msgspec.Struct):
    """One task. `reason`: why all of it could not run; `reported`: the last status that control has
    acknowledged; `failures`: containers that could not be started, with the reason; `seen`: containers
    that were there once; `running_since`: when they were first seen running."""

    payload: TaskPayload
    is_wanted: bool = True
    reason: str = ""
    reported: str = ""
    reported_containers: dict[str, str] = {}
    failures: dict[str, str] = {}
    seen: list[str] = []
    running_since: dict[str, float] = {}
    pull_started_at: float | None = None
    pull_stopped_at: float | None = None
    stopped_at: float | None = None


@dataclass(slots=True)
class Ledger:
    """All records of one agent, in memory and on disk, and the identity that control gave to it."""

    folder: Path
    records: dict[str, Record] = field(default_factory=dict)
    container_instance_arn: str = ""
    sequence: int = 0

    def load(self) -> None:
        (self.folder / "tasks").mkdir(parents=True, exist_ok=True, mode=0o700)
        for path in (self.folder / "tasks").glob("*.json"):
            if path.name.startswith("."):
                # Half of a record: its agent died while it wrote, before it acknowledged anything.
                path.unlink()
                continue
            record = msgspec.json.decode(path.read_bytes(), type=Record)
            self.records[record.payload.arn] = record
        with contextlib.suppress(FileNotFoundError):
            arn, sequence = (self.folder / "identity").read_text().split()
            self.container_instance_arn, self.sequence = arn, int(sequence)

    def save(self, record: Record) -> None:
        """Keep a record; on disk when this returns."""
        write_whole(self.folder / "tasks" / f"{record.payload.id}.json", msgspec.json.encode(record))
        self.records[record.payload.arn] = record

    def forget(self, arn: str) -> None:
        record = self.records.pop(arn, None)
        if record is not None:
            (self.folder / "tasks" / f"{record.payload.id}.json").unlink(missing_ok=True)

    def identify(self, arn: str, sequence: int) -> None:
        """Keep the instance's ARN and the highest manifest timeline seen."""
        if (arn, sequence) != (self.container_instance_arn, self.sequence):
            self.container_instance_arn, self.sequence = arn, sequence
            write_whole(self.folder / "identity", f"{arn} {sequence}\n".encode())
