"""Functions and modules stay small enough to be read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median

SOURCE = Path(__file__).resolve().parents[2] / "src" / "tidegate"
FUNCTION_LINES_MAX = 70
MODULE_LINES_MAX = 500


def _functions() -> Iterator[tuple[str, int]]:
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno:
                yield f"{path.relative_to(SOURCE)}:{node.name}", node.end_lineno - node.lineno + 1


def test_no_function_is_longer_than_a_screen_and_a_half() -> None:
    assert [f for f in _functions() if f[1] > FUNCTION_LINES_MAX] == []


def test_the_median_function_is_short() -> None:
    assert median(lines for _, lines in _functions()) <= 12


def test_no_module_is_too_long_to_hold_in_mind() -> None:
    lengths = {
        str(path.relative_to(SOURCE)): len(path.read_text().splitlines()) for path in SOURCE.rglob("*.py")
    }
    assert {name: lines for name, lines in lengths.items() if lines > MODULE_LINES_MAX} == {}
