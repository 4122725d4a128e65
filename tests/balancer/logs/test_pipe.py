"""The pipe between HAProxy and the access log."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tidegate.balancer.haproxy.access_log import AccessLog
from tidegate.balancer.haproxy.pipe import Pipe


def test_what_is_written_while_nobody_reads_is_there_for_the_next(tmp_path: Path) -> None:
    first = Pipe(tmp_path / "pipe")
    haproxy = os.dup(first.writer)
    for end in (first.reader, first.writer):
        os.close(end)
    os.write(haproxy, b"line 1\n")
    second = Pipe(tmp_path / "pipe")
    os.write(haproxy, b"line 2\n")
    os.write(second.writer, b"line 3\n")
    assert os.read(second.reader, 100) == b"line 1\nline 2\nline 3\n"


@pytest.mark.parametrize("name", ["", "pipe"])
def test_neither_end_blocks(tmp_path: Path, name: str) -> None:
    pipe = Pipe(tmp_path / name if name else None)
    with pytest.raises(BlockingIOError):
        os.read(pipe.reader, 1)
    filling = iter(lambda: os.write(pipe.writer, b"x" * 4096), 0)
    with pytest.raises(BlockingIOError):
        sum(filling)


def test_a_file_in_its_place_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "pipe").write_text("a file")
    pipe = Pipe(tmp_path / "pipe")
    os.write(pipe.writer, b"line\n")
    assert os.read(pipe.reader, 100) == b"line\n"


def test_the_next_balancers_log_has_what_was_written_between_the_two(tmp_path: Path) -> None:
    first = AccessLog(tmp_path)
    haproxy = os.dup(first.writer)
    first.start()
    os.write(haproxy, b"line 1\n")
    first.stop()
    os.write(haproxy, b"line 2\n")
    second = AccessLog(tmp_path)
    second.start()
    second.stop()
    assert (tmp_path / "access.log").read_bytes() == b"line 1\nline 2\n"
