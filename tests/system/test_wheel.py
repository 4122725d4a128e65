"""The built wheel, installed by `uv tool install` for a user who has no clone: everything is inside."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

REPOSITORY = Path(__file__).resolve().parents[2]
TOOLS = Path(sys.executable).parent


class User:
    """Somebody with a home and nothing of ours but the wheel."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.folder = home / "work"
        self.folder.mkdir()
        self.tools = home / "tools"
        self._environment = {
            "HOME": str(home),
            "PATH": os.pathsep.join([str(home / "bin"), "/usr/bin", "/bin", "/usr/sbin", "/sbin"]),
            "UV_TOOL_DIR": str(self.tools),
            "UV_TOOL_BIN_DIR": str(home / "bin"),
            "UV_CACHE_DIR": str(home / "cache"),
            # How pip reaches its index is the machine's matter: images are built with pip.
            **{name: value for name, value in os.environ.items() if name.startswith("PIP_")},
        }

    def run(self, *command: str, seconds: float = 60) -> str:
        """What a command prints in an empty folder; the test fails when the command does."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        if done.returncode != 0:
            pytest.fail(f"{' '.join(command)} exited {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout


@pytest.fixture
def user() -> Iterator[User]:
    # pytest's own folders are too long for the sockets in a data directory below.
    with TemporaryDirectory(prefix="tg-") as home:
        user = User(Path(home))
        yield user
        if (user.home / "bin" / "tidegate").exists():
            user.run("tidegate", "down")


def wheel(folder: Path) -> Path:
    """Built as it is published."""
    command = [str(TOOLS / "uv"), "build", "--wheel", "--offline", "--no-build-isolation"]
    command += ["--python", sys.executable, "--out-dir", str(folder), str(REPOSITORY)]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def dependencies(folder: Path) -> Path:
    """The pinned wheels, by pip: it knows this machine's index, and the installation needs none then."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    command += ["--requirement", str(REPOSITORY / "requirements" / "runtime.txt"), "--dest", str(folder)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return folder


def test_a_user_without_a_clone_installs_starts_and_plays(user: User, tmp_path: Path) -> None:
    built, pinned = wheel(tmp_path / "dist"), dependencies(tmp_path / "wheels")
    install = [str(TOOLS / "uv"), "tool", "install", "--offline", "--no-index", "--python", sys.executable]
    user.run(*install, "--find-links", str(pinned), str(built), seconds=200)
    where = user.run(
        str(user.tools / "tidegate" / "bin" / "python"), "-c", "import tidegate; print(tidegate.__file__)"
    )
    assert where.startswith(str(user.tools))

    assert "Usage: tidegate COMMAND" in user.run("tidegate", "--help")
    printed = user.run("tidegate", "up", "--detach", "--runtime", "process", "--endpoint", "127.0.0.1:0")
    assert "Tidegate answers on http://127.0.0.1:" in printed
    call = f'eval "$(tidegate env)" && {TOOLS / "aws"} ecs create-cluster --cluster-name shop --output text'
    assert "cluster/shop" in user.run("sh", "-c", call)
    assert "HAProxy 2." in user.run("tidegate", "status")

    assert "--until" in user.run("tidegate", "demo", "--help")
    # Its stage is set from the examples in the package, and act 2 asks HAProxy.
    played = user.run("tidegate", "demo", "--check", "--runtime", "process", "--until", "2", seconds=200)
    assert "503 with no target" in played

    user.run("tidegate", "down", "--purge")
    assert not (user.home / ".local/share/tidegate").exists()
    assert list(user.folder.iterdir()) == []
