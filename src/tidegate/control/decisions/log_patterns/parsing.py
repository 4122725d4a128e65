"""Tells the three kinds of patterns apart."""

from __future__ import annotations

from tidegate.control.decisions.log_patterns.columns import column_pattern
from tidegate.control.decisions.log_patterns.pattern import LogPattern
from tidegate.control.decisions.log_patterns.selectors import selector_pattern
from tidegate.control.decisions.log_patterns.terms import term_pattern


def parse_pattern(text: str) -> LogPattern:
    """Raises InvalidPatternError."""
    stripped = text.strip()
    if not stripped:
        return LogPattern(lambda _: True, matches_all=True)
    if stripped.startswith("{"):
        return selector_pattern(stripped)
    if stripped.startswith("["):
        return column_pattern(stripped)
    return term_pattern(stripped)
