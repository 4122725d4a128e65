"""Files that are whole or not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tidegate.agent.process import shim
from tidegate.fleet.files import write_whole


def test_a_file_is_replaced_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for content in (b"one", b"another, longer one", b""):
        write_whole(path, content)
        assert path.read_bytes() == content
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_dead_writer_left_is_no_obstacle(tmp_path: Path) -> None:
    left = tmp_path / ".file"
    left.write_bytes(b"hal")
    left.chmod(0o644)
    write_whole(tmp_path / "file", b"whole")
    assert (tmp_path / "file").read_bytes() == b"whole"
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, set[str]]]:
    """Each fsync: of what, and the names that were beside it (or in it) at that instant."""
    calls = []
    fsync = os.fsync

    def record(descriptor: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        folder = path if path.is_dir() else path.parent
        calls.append((path.name, {each.name for each in folder.iterdir()}))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", record)
    return calls


def test_the_content_is_synced_before_it_gets_its_name_and_the_name_before_it_counts(
    tmp_path: Path, synced: list[tuple[str, set[str]]]
) -> None:
    write_whole(tmp_path / "file", b"whole")
    assert synced == [(".file", {".file"}), (tmp_path.name, {"file"})]


def test_a_shim_syncs_what_it_remembers_in_the_same_way(
    tmp_path: Path, synced: list[tuple[str, set[str]]]
) -> None:
    shim.write(str(tmp_path), "exit.json", {"exit_code": 0})
    assert synced == [(".exit.json", {".exit.json"}), (tmp_path.name, {"exit.json"})]
