"""Text of users in HAProxy's file."""

from __future__ import annotations


def quoted(text: str) -> str:
    """A string in HAProxy's weak quotes, nothing of it interpreted by the file's reader."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    return '"' + escaped.replace("\r", "\\r").replace("\n", "\\n") + '"'


def literal(text: str) -> str:
    """A string for a log-format: percent signs of the user's stay what they are."""
    return text.replace("%", "%%")
