"""The part of Dockerfiles that a directory with a virtual environment can follow; pure.

FROM is not used (the host's Python takes its place), and RUN installs Python packages. What has no meaning
for a process is ignored, and a build tells each such line: the instructions of `_IGNORED` (among them USER,
HEALTHCHECK, STOPSIGNAL and VOLUME, which Docker would follow) and the commands of `_HARMLESS`. Everything
else is refused by name.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field, replace


class DockerfileError(Exception):
    """An instruction that the process runtime cannot follow; the message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """Sources relative to the build directory, destination as a path inside the image."""

    sources: tuple[str, ...]
    destination: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PipInstall:
    """Arguments of one `pip install`, run in `directory`, after everything before it was copied."""

    arguments: tuple[str, ...]
    directory: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """`steps` in order; the rest is what a container starts with."""

    steps: tuple[Copy | PipInstall, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    directory: str = "/"
    command: tuple[str, ...] = ()
    entry_point: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


_IGNORED = ("FROM", "LABEL", "MAINTAINER", "USER", "HEALTHCHECK", "STOPSIGNAL", "SHELL", "VOLUME", "ONBUILD")
_HARMLESS = ("useradd", "adduser", "groupadd", "addgroup", "chown", "chmod", "mkdir", "true")


def parse(text: str) -> Recipe:
    """What a Dockerfile asks for; raises DockerfileError."""
    recipe = Recipe()
    variables: dict[str, str] = {}
    for word, rest in _instructions(text):
        if word == "ARG":
            name, _, value = rest.partition("=")
            variables.setdefault(name.strip(), value.strip().strip('"'))
            continue
        if word not in ("CMD", "ENTRYPOINT", "RUN"):
            rest = _expanded(rest, {**variables, **recipe.environment})
        recipe = _followed(recipe, word, rest)
    if not recipe.command and not recipe.entry_point:
        raise DockerfileError("the Dockerfile has neither CMD nor ENTRYPOINT")
    return recipe


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    joined = re.sub(r"\\\s*\n", " ", re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE))
    for line in joined.splitlines():
        word, _, rest = line.strip().partition(" ")
        if word:
            yield word.upper(), rest.strip()


def _expanded(text: str, variables: dict[str, str]) -> str:
    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda found: variables.get(found[1] or found[2], found[0]), text)


def _followed(recipe: Recipe, word: str, rest: str) -> Recipe:
    if word in _IGNORED:
        return replace(recipe, ignored=(*recipe.ignored, f"{word} {rest}"))
    if word == "WORKDIR":
        return replace(recipe, directory=_joined(recipe.directory, rest))
    if word == "ENV":
        return replace(recipe, environment={**recipe.environment, **_variables(rest)})
    if word == "EXPOSE":
        # A port is the task definition's to map; this says no more than that there is one.
        return recipe
    if word == "CMD":
        return replace(recipe, command=_words(rest))
    if word == "ENTRYPOINT":
        return replace(recipe, entry_point=_words(rest), command=())
    if word in ("COPY", "ADD"):
        return _copied(recipe, word, rest)
    if word == "RUN":
        return _run(recipe, rest)
    raise DockerfileError(f"{word} is not a Dockerfile instruction that the process runtime knows")


def _copied(recipe: Recipe, word: str, rest: str) -> Recipe:
    words = [item for item in shlex.split(rest) if not item.startswith(("--chown", "--chmod"))]
    if any(item.startswith("--") for item in words) or any("://" in item for item in words):
        raise DockerfileError(f"{word} {rest}: only files of the build directory can be copied")
    if len(words) < 2:
        raise DockerfileError(f"{word} {rest}: a source and a destination are needed")
    is_folder = words[-1].endswith("/") or words[-1] in (".", "..")
    destination = _joined(recipe.directory, words[-1]) + ("/" if is_folder else "")
    step = Copy(sources=tuple(words[:-1]), destination=destination)
    return replace(recipe, steps=(*recipe.steps, step))


def _run(recipe: Recipe, rest: str) -> Recipe:
    for part in re.split(r"&&|;", rest):
        words = shlex.split(part)
        if not words:
            continue
        if words[:3] in (["python", "-m", "pip"], ["python3", "-m", "pip"]):
            words = words[2:]
        if words[0] in ("pip", "pip3") and words[1:2] == ["install"]:
            step = PipInstall(arguments=tuple(words[2:]), directory=recipe.directory)
            recipe = replace(recipe, steps=(*recipe.steps, step))
        elif words[0] in _HARMLESS:
            recipe = replace(recipe, ignored=(*recipe.ignored, f"RUN {part.strip()}"))
        else:
            raise DockerfileError(
                f"RUN {part.strip()}: the process runtime only installs Python packages (pip install)"
            )
    return recipe


def _joined(directory: str, path: str) -> str:
    if path.startswith("/"):
        return path.rstrip("/") or "/"
    parts = [part for part in path.split("/") if part not in (".", "")]
    return "/".join([directory.rstrip("/"), *parts]) or "/"


def _variables(rest: str) -> dict[str, str]:
    words = shlex.split(rest)
    if "=" not in words[0]:
        name, _, value = rest.partition(" ")
        return {name: value.strip()}
    return dict(word.split("=", 1) for word in words if "=" in word)


def _words(rest: str) -> tuple[str, ...]:
    """The exec form as it is; the shell form through a shell."""
    if rest.startswith("["):
        return tuple(str(word) for word in json.loads(rest))
    return ("/bin/sh", "-c", rest)
