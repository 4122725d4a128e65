"""From the start of control to the loop that keeps it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from pathlib import Path
from typing import Any

import pytest

from tidegate.cli import parts, upkeep
from tidegate.cli.commands import up
from tidegate.cli.parts import Pace, Part
from tidegate.cli.processes import ProcessId
from tidegate.cli.settings import Settings
from tidegate.cli.starting import Start
from tidegate.cli.supervisor import stop_signals

# The signals that a process was started without.
_BLOCKED = ("grep", "SigBlk", "/proc/self/status")


@pytest.mark.parametrize("number", parts.STOP_SIGNALS)
def test_a_signal_while_control_is_started_stops_what_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    begin, heard = parts.start, []

    def start(data_dir: Path, part: Part) -> ProcessId:
        started = begin(data_dir, part)
        signal.raise_signal(number)
        return started

    async def run(_: Path, chosen: Settings, control: Part, started: ProcessId | None, tell: Any) -> None:  # noqa: ARG001
        stopping = asyncio.Event()
        stop_signals(stopping.set)
        await asyncio.wait_for(stopping.wait(), 5)
        heard.append(started)

    monkeypatch.setattr(parts, "control", lambda *_: Part(name="control", command=_BLOCKED))
    monkeypatch.setattr(parts, "start", start)
    monkeypatch.setattr(upkeep, "run", run)
    before = signal.getsignal(number)
    signal.signal(number, _fail)
    try:
        with socket.socket() as listener:
            chosen: Any = None
            wanted = Start(chosen=chosen, listener=listener, holds=())
            up._keep_running(tmp_path, wanted, Pace(host_lost_after_seconds=60, scaling_speed=1))
    finally:
        signal.signal(number, before)
    os.waitpid(heard[0].pid, 0)
    assert (tmp_path / "logs" / "control.log").read_text().split() == ["SigBlk:", "0" * 16]


def _fail(number: int, _: Any) -> None:
    pytest.fail(f"signal {number} was heard by nobody who stops control")
