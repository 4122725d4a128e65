"""Sets the stage: a fresh Tidegate of its own data directory, and the images the story needs."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from tidegate.agent.images import BuildError, local_base
from tidegate.cli import processes
from tidegate.cli.demo.story import Stage, Timings
from tidegate.cli.places import Places, command_line

IMAGE = "users-service:1"
DATABASE_IMAGE = "users-db:15"


class StageError(Exception):
    """The stage cannot be set; the message says what to do."""


def examples_dir() -> Path:
    """Where the example applications lie: inside the package, into which the clone's are linked."""
    folder = Path(__file__).resolve().parents[2] / "examples"
    if not (folder / "users-service").is_dir():
        raise StageError(f"{folder} is missing: install Tidegate's wheel, or clone with symbolic links")
    return folder


@contextlib.contextmanager
def claimed(data_dir: Path) -> Iterator[None]:
    """Keep other demos off a directory, which each of them purges first. Raises StageError."""
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    # Beside it: what is inside is purged.
    lock = data_dir.with_name(data_dir.name + ".lock")
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Whoever ends takes the file away: that of before is nobody's to lock.
            is_present = lock.stat().st_ino == os.fstat(file.fileno()).st_ino
        except (BlockingIOError, FileNotFoundError):
            is_present = False
        if not is_present:
            raise StageError(f"a demo plays in {data_dir} already: end it, or name another --data-dir")
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


def tidegate(data_dir: Path, *arguments: str, console: Console | None = None) -> str:
    """Run one `tidegate` command on the data directory; its output. Raises StageError."""
    command = [sys.executable, "-m", "tidegate.cli.main", *arguments, "--data-dir", str(data_dir)]
    if console is not None:
        shown = command_line(shlex.join(arguments), data_dir)
        console.print(f"  [dim]$[/dim] {escape(shown)}", style="cyan", highlight=False, soft_wrap=True)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StageError(f"tidegate {arguments[0]} exited {done.returncode}: {done.stderr or done.stdout}")
    return done.stdout


def build(data_dir: Path, directory: Path, tag: str, *, runtime: str, console: Console | None = None) -> None:
    """Build an application's image, from the local base where there is one. Raises StageError."""
    try:
        base = local_base(runtime=runtime, images=Places(data_dir).images)
    except BuildError as error:
        raise StageError(str(error)) from error
    chosen = ("--base", base) if base else ()
    tidegate(data_dir, "image", "build", str(directory), "-t", tag, *chosen, console=console)


def clear(data_dir: Path, console: Console) -> None:
    """Remove what an earlier demo left, and nothing else. Raises StageError."""
    places = Places(data_dir)
    if places.settings.exists() and not places.demo.is_dir():
        raise StageError(
            f"{data_dir} holds an installation that no demo made: name another --data-dir, or remove it with "
            f"`{command_line('down --purge', data_dir)}`"
        )
    if processes.read(data_dir, "supervisor") is not None:
        console.print("  a demo that was kept runs here: it is stopped, and this one takes its place")
    tidegate(data_dir, "down", "--purge")


def set_stage(data_dir: Path, runtime: str, timings: Timings, console: Console) -> Stage:
    """Start Tidegate detached, build the images."""
    console.print("[bold]Setting the stage[/bold]")
    up = ["up", "--detach", "--runtime", runtime, "--endpoint", "127.0.0.1:0"]
    up += ["--host-lost-after", f"{timings.host_lost_after_seconds:g}"]
    up += ["--scaling-speed", f"{timings.scaling_speed:g}"]
    tidegate(data_dir, *up, console=console)
    Places(data_dir).demo.mkdir(exist_ok=True)
    settings = json.loads((data_dir / "settings.json").read_text())
    chosen = str(settings["runtime"])
    console.print(f"  runtime: {chosen}; endpoint: http://{settings['endpoint']}", highlight=False)
    examples = examples_dir()
    with console.status("  building the users-service's image"):
        build(data_dir, examples / "users-service", IMAGE, runtime=chosen, console=console)
    if chosen == "docker":
        with console.status("  building the image of PostgreSQL 15"):
            build(data_dir, examples / "users-db", DATABASE_IMAGE, runtime=chosen, console=console)
    (Places(data_dir).demo / "users-service").mkdir(parents=True, exist_ok=True)
    return Stage(
        endpoint=f"http://{settings['endpoint']}",
        region=settings["region"],
        account=settings["account"],
        access_key=settings["access_key"],
        secret_key=settings["secret_key"],
        data_dir=data_dir,
        runtime=chosen,
        image=IMAGE,
        database_image=DATABASE_IMAGE if chosen == "docker" else None,
        timings=timings,
    )
