"""A decision is a function of its arguments: no clock, no chance, no I/O, no environment, no async."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "tidegate"
MODULES = sorted(
    path for folder in SOURCE.rglob("decisions") if folder.is_dir() for path in folder.rglob("*.py")
)

FORBIDDEN_IMPORTS = {
    "aiohttp",
    "asyncio",
    "boto3",
    "botocore",
    "http",
    "httptools",
    "io",
    "logging",
    "os",
    "random",
    "requests",
    "secrets",
    "signal",
    "socket",
    "sqlalchemy",
    "ssl",
    "structlog",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib.request",
    "uuid",
    "uvicorn",
    "uvloop",
    "websockets",
}
FORBIDDEN_CALLS = {"now", "utcnow", "today", "open", "print", "input"}


def test_there_are_decisions_to_check() -> None:
    assert len(MODULES) > 5


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_decision_module_reaches_for_nothing_but_its_arguments(module: Path) -> None:
    faults: list[str] = []
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            names = []
        faults += [
            f"line {node.lineno}: imports {name}"
            for name in names
            if name in FORBIDDEN_IMPORTS or name.split(".")[0] in FORBIDDEN_IMPORTS
        ]
        if isinstance(node, (ast.AsyncFunctionDef, ast.Await)):
            faults.append(f"line {node.lineno}: is asynchronous")
        if isinstance(node, ast.Call) and _called(node) in FORBIDDEN_CALLS:
            faults.append(f"line {node.lineno}: calls {_called(node)}")
    assert not faults


def _called(node: ast.Call) -> str | None:
    if isinstance(node.func, ast.Name):
        return node.func.id
    # `datetime.now()` reads the clock; `clock.now()` cannot occur, since no clock is passed in.
    return (
        node.func.attr
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("now", "utcnow", "today")
        else None
    )
