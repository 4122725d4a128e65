"""The files beside the state, of metrics and of logs."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tidegate.control.store.logs import LogFile
from tidegate.control.store.series import SeriesFile


@pytest.mark.parametrize("opened", [LogFile, SeriesFile])
def test_the_folder_that_they_make_is_for_their_owner_alone(
    opened: Callable[[Path], LogFile | SeriesFile], tmp_path: Path
) -> None:
    """With PostgreSQL nobody has made it before."""
    folder = tmp_path / "control"
    opened(folder / "side.db").close()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
