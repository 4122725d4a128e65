"""`docs/dependencies.md` names every library that is installed with Tidegate, and who really imports it."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "tidegate"
_SECTION = re.compile(r"^## (?P<heading>.+)\n(?P<text>.+)$", re.MULTILINE)
# What is imported under another name than it is installed by.
_MODULES = {"google-re2": "re2", "pyjwt": "jwt"}
_IMPORTERS = re.compile(r"Imported by (.+)$")


def _sections() -> dict[str, tuple[list[str], list[str]]]:
    """By heading: the libraries of a paragraph, and the parts of the source that it says import them."""
    sections = {}
    for found in _SECTION.finditer((ROOT / "docs" / "dependencies.md").read_text()):
        claim = _IMPORTERS.search(found["text"])
        importers = re.findall(r"`([\w/.]+)`", claim[1]) if claim else []
        sections[found["heading"]] = (re.split(", | and ", found["heading"]), importers)
    del sections["Development"]
    return sections


def _required() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["postgresql"]]
    return {re.split(r"[\[<>=;]", line)[0] for line in lines}


def _imports() -> Iterator[tuple[str, str]]:
    """Every outside package that a module of the product imports, with the module's path."""
    for path in SOURCE.rglob("*.py"):
        name = str(path.relative_to(SOURCE))
        if name.startswith(("testing/", "examples/")):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from ((alias.name.split(".")[0], name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                yield node.module.split(".")[0], name


SECTIONS = _sections()
IMPORTS = frozenset(_imports())


def test_every_library_that_is_installed_has_a_paragraph() -> None:
    assert {library for libraries, _ in SECTIONS.values() for library in libraries} == _required()


@pytest.mark.parametrize("heading", SECTIONS)
def test_a_library_is_imported_where_its_paragraph_says(heading: str) -> None:
    libraries, claimed = SECTIONS[heading]
    packages = {_MODULES.get(library, library.replace("-", "_")) for library in libraries}
    importers = {path for package, path in IMPORTS if package in packages}
    unsaid = [path for path in importers if not any(f"{path}/".startswith(f"{one}/") for one in claimed)]
    untrue = [one for one in claimed if not any(f"{path}/".startswith(f"{one}/") for path in importers)]
    assert (unsaid, untrue) == ([], [])
