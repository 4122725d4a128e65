"""What an agent keeps on disk is whole or not there."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tidegate.agent.ledger import Ledger, Record
from tidegate.agent.payload import TaskPayload

ARN = "arn:aws:ecs:us-east-1:000000000000:task/c/0123456789abcdef0123456789abcdef"
OTHER = ARN[:-1] + "0"


@contextmanager
def room_for(bytes_max: int) -> Iterator[None]:
    """Files that grow no further, as on a disk that fills up: the last write is cut short."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_max, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def opened(folder: Path) -> Ledger:
    ledger = Ledger(folder)
    ledger.load()
    return ledger


def test_a_full_disk_leaves_the_records_that_were_there(tmp_path: Path) -> None:
    ledger = opened(tmp_path)
    record = Record(payload=TaskPayload(arn=ARN))
    ledger.save(record)
    record.reason = "x" * 4000
    with room_for(2048), pytest.raises(OSError, match="too large"):
        ledger.save(record)
    with room_for(2048), pytest.raises(OSError, match="too large"):
        ledger.save(Record(payload=TaskPayload(arn=OTHER), reason="x" * 4000))
    # What is not on disk must not be acknowledged when it is ordered again.
    assert set(ledger.records) == {ARN}
    found = opened(tmp_path).records
    assert (set(found), found[ARN].reason) == ({ARN}, "")
