"""Where `scripts/test` looks for tests that start the product: collecting all tests takes half a minute."""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
MARK = "pytest.mark." + "system"


def test_what_starts_the_product_is_in_one_folder() -> None:
    marked = {path.relative_to(TESTS) for path in TESTS.rglob("*.py") if MARK in path.read_text()}
    assert marked
    assert {path.parts[0] for path in marked} == {"system"}
