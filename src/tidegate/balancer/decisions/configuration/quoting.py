"""Text of users in HAProxy's file."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[\w./:-]+", re.ASCII)


def quoted(text: str) -> str:
    """A string in HAProxy's weak quotes, nothing of it interpreted by the file's reader."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    return '"' + escaped.replace("\r", "\\r").replace("\n", "\\n") + '"'


def verbatim(text: str) -> str:
    """The same as a reader likes it: bare, or in strong quotes, which need no escapes, where that will do."""
    if _PLAIN.fullmatch(text):
        return text
    return quoted(text) if any(one in text for one in "'\r\n") else f"'{text}'"


def argument(text: str) -> str:
    """A string as the argument of a fetch or of a converter, before the whole of that is quoted."""
    if _PLAIN.fullmatch(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def literal(text: str) -> str:
    """A string for a log-format: percent signs of the user's stay what they are."""
    return text.replace("%", "%%")
