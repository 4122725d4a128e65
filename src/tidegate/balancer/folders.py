"""Folders of files that HAProxy's configuration names, and HAProxy reads at its start."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import structlog

from tidegate.fleet.files import write_whole

_log = structlog.get_logger(__name__)


class Folder:
    """Written before a configuration that names the files is loaded. What is named no more is removed once
    it is: until then the one before may be needed. `is_secret`: for this user's eyes only."""

    def __init__(self, path: Path, *, is_secret: bool = False) -> None:
        self.path = path
        self._is_secret = is_secret
        self._named: frozenset[str] = frozenset()

    def write(self, files: Mapping[str, str]) -> None:
        """Put these files there, by their names; others stay. Raises OSError, and each file is then either
        as it was or as it should be."""
        self.path.mkdir(mode=0o700 if self._is_secret else 0o777, parents=True, exist_ok=True)
        self._named = frozenset(files)
        for name, content in files.items():
            path, text = self.path / name, content.encode()
            if not path.exists() or path.read_bytes() != text:
                self._replace(path, text)

    def tidy(self) -> None:
        """Remove all but what was written last."""
        try:
            for path in self.path.iterdir():
                if path.name not in self._named:
                    path.unlink()
        except OSError as error:
            _log.warning("files that nobody needs stay", folder=str(self.path), error=str(error))

    def _replace(self, path: Path, content: bytes) -> None:
        if self._is_secret:
            write_whole(path, content)
            return
        # Not for ever on disk: each start writes anew what differs, and there may be thousands.
        temporary = path.with_name(f".{path.name}")
        temporary.write_bytes(content)
        temporary.replace(path)
