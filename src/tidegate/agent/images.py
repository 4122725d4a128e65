"""Building and listing images, on either runtime, from the same Dockerfile."""

from __future__ import annotations

import asyncio
import glob
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import msgspec

from tidegate.agent.docker.client import DockerClient, EngineError
from tidegate.agent.docker.location import socket_path
from tidegate.agent.dockerfile import Copy, DockerfileError, PipInstall, Recipe, parse
from tidegate.agent.image_names import split_name
from tidegate.agent.process.images import Image, folder_of
from tidegate.agent.runtime import RuntimeUnavailableError

# What scripts/base-image makes where no registry is reachable.
LOCAL_BASE = "tidegate/python:bookworm"
# Docker's own grammar, on both runtimes: what is built on one can be built on the other.
_NAME = re.compile(
    r"(?:[A-Za-z0-9][\w.-]*(?::\d+)?/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*"
    r"(?::[A-Za-z0-9_][\w.-]{0,127})?"
)
_SKIPPED = shutil.ignore_patterns(".git", ".venv", "__pycache__", "*.pyc", ".pytest_cache")


class BuildError(Exception):
    """The image could not be built or listed; the message says why."""


def build_image(
    directory: Path, tag: str, *, runtime: str, images: Path, base: str | None, tell: Callable[[str], None]
) -> None:
    """Build `directory` as NAME:TAG. `base` takes the place of FROM (Docker). Raises BuildError."""
    if _NAME.fullmatch(tag) is None:
        raise BuildError(f"{tag!r} is no image name: NAME:TAG, NAME of small letters, digits and . _ - /")
    if base is not None and runtime != "docker":
        raise BuildError("--base has no meaning here: on the process runtime FROM is not used")
    dockerfile = directory / "Dockerfile"
    if not dockerfile.is_file():
        raise BuildError(f"there is no Dockerfile in {directory}")
    if runtime == "docker":
        asyncio.run(_build_on_docker(directory, tag, base, tell))
        return
    try:
        recipe = parse(dockerfile.read_text())
    except DockerfileError as error:
        raise BuildError(str(error)) from error
    _build_as_directory(directory, tag, recipe, images, tell)


def list_images(*, runtime: str, images: Path) -> list[str]:
    """Names of the images that are there. Raises BuildError."""
    if runtime == "docker":
        return asyncio.run(_list_on_docker())
    return sorted(
        f"{unquote(path.parent.parent.name)}:{path.parent.name}" for path in images.glob("*/*/image.json")
    )


def local_base(*, runtime: str, images: Path) -> str | None:
    """The base for example applications on a machine without a registry: LOCAL_BASE where it was made,
    else None, for what their Dockerfiles name. Raises BuildError."""
    if runtime != "docker" or LOCAL_BASE not in list_images(runtime=runtime, images=images):
        return None
    return LOCAL_BASE


def _build_as_directory(
    directory: Path, tag: str, recipe: Recipe, images: Path, tell: Callable[[str], None]
) -> None:
    folder = folder_of(images, tag)
    for line in recipe.ignored:
        tell(f"not used on the process runtime: {line}")
    # A running container keeps its open files; the next one starts from the new image.
    shutil.rmtree(folder, ignore_errors=True)
    root = folder / "root"
    root.mkdir(parents=True)
    _run([sys.executable, "-m", "venv", str(folder / "venv")], folder, "making its environment")
    for step in recipe.steps:
        if isinstance(step, Copy):
            _copy(directory, root, step)
        else:
            _install(folder, root, step, tell)
    (root / recipe.directory.lstrip("/")).mkdir(parents=True, exist_ok=True)
    repository, _ = split_name(tag)
    image = Image(
        name=repository,
        command=list(recipe.command),
        entry_point=list(recipe.entry_point),
        environment=recipe.environment,
        directory=recipe.directory,
        path="venv/bin",
    )
    # Last, so that an image that is found is whole.
    (folder / "image.json").write_bytes(msgspec.json.encode(image))


def _copy(directory: Path, root: Path, step: Copy) -> None:
    sources = [Path(name) for pattern in step.sources for name in sorted(glob.glob(str(directory / pattern)))]
    if not sources:
        raise BuildError(f"COPY {' '.join(step.sources)}: nothing of that name in {directory}")
    destination = root / step.destination.lstrip("/")
    for source in sources:
        if not source.resolve().is_relative_to(directory.resolve()):
            raise BuildError(f"COPY {source}: outside of the build directory")
        if source.is_dir():
            shutil.copytree(source, destination, dirs_exist_ok=True, ignore=_SKIPPED)
            continue
        is_folder = step.destination.endswith("/") or len(sources) > 1 or destination.is_dir()
        target = destination / source.name if is_folder else destination
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


def _install(folder: Path, root: Path, step: PipInstall, tell: Callable[[str], None]) -> None:
    tell(f"pip install {' '.join(step.arguments)}")
    directory = root / step.directory.lstrip("/")
    directory.mkdir(parents=True, exist_ok=True)
    pip = [str(folder / "venv" / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    _run([*pip, "--disable-pip-version-check", *step.arguments], directory, "pip install")


def _run(command: list[str], directory: Path, what: str) -> None:
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BuildError(f"{what} failed: {(done.stderr or done.stdout).strip()[-2000:]}")


async def _build_on_docker(directory: Path, tag: str, base: str | None, tell: Callable[[str], None]) -> None:
    client = DockerClient(socket_path())
    await client.open()
    query = {"t": tag, "networkmode": "host", "rm": "1", "forcerm": "1"}
    failure = ""
    try:
        async for line in client.upload("/build", query, _context(directory, base)):
            event = json.loads(line)
            if event.get("stream", "").startswith("Step "):
                tell(event["stream"].strip())
            failure = event.get("error", failure)
    except (EngineError, RuntimeUnavailableError) as error:
        raise BuildError(str(error)) from error
    finally:
        await client.close()
    if failure:
        raise BuildError(failure)


def _context(directory: Path, base: str | None) -> bytes:
    """The build directory as a tar file; with `base`, every FROM names it."""
    dockerfile = (directory / "Dockerfile").read_text()
    if base is not None:
        dockerfile = re.sub(r"^FROM\s+\S+", f"FROM {base}", dockerfile, flags=re.MULTILINE | re.IGNORECASE)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path in sorted(directory.rglob("*")):
            relative = path.relative_to(directory)
            is_skipped = {".git", ".venv", "__pycache__", ".pytest_cache"} & set(relative.parts)
            if path.is_file() and not is_skipped and str(relative) != "Dockerfile":
                archive.add(path, arcname=str(relative))
        entry = tarfile.TarInfo("Dockerfile")
        entry.size = len(dockerfile.encode())
        archive.addfile(entry, io.BytesIO(dockerfile.encode()))
    return buffer.getvalue()


async def _list_on_docker() -> list[str]:
    client = DockerClient(socket_path())
    await client.open()
    try:
        listed = await client.call("GET", "/images/json")
    except (EngineError, RuntimeUnavailableError) as error:
        raise BuildError(str(error)) from error
    finally:
        await client.close()
    return sorted(name for image in listed for name in image.get("RepoTags") or () if name != "<none>:<none>")
