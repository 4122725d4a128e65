"""Files that are whole or not there."""

from __future__ import annotations

from pathlib import Path

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
