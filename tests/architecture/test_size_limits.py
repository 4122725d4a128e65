"""Functions and modules stay small enough to be read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median

TESTS = Path(__file__).resolve().parents[1]
SOURCE = TESTS.parent / "src" / "tidegate"
FUNCTION_LINES_MAX = 70
MODULE_LINES_MAX = 400
TEST_MODULE_LINES_MAX = 500
# One list of requests, an operation a line or two: to be searched, not read.
LISTS = {"api/requests.py"}


def _functions() -> Iterator[tuple[str, int]]:
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno:
                yield f"{path.relative_to(SOURCE)}:{node.name}", node.end_lineno - node.lineno + 1


def test_no_function_is_longer_than_a_screen_and_a_half() -> None:
    assert [f for f in _functions() if f[1] > FUNCTION_LINES_MAX] == []


def test_the_median_function_is_short() -> None:
    assert median(lines for _, lines in _functions()) <= 12


def _too_long(folder: Path, lines_max: int) -> dict[str, int]:
    lengths = {
        str(path.relative_to(folder)): len(path.read_text().splitlines()) for path in folder.rglob("*.py")
    }
    return {name: lines for name, lines in lengths.items() if lines > lines_max}


def test_no_module_is_too_long_to_hold_in_mind() -> None:
    assert _too_long(SOURCE, MODULE_LINES_MAX) == {}


def test_no_test_module_is_too_long_but_lists() -> None:
    assert _too_long(TESTS, TEST_MODULE_LINES_MAX).keys() <= LISTS
