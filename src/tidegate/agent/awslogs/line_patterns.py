"""Patterns of users for lines that strangers write: matched in time that grows with the line alone."""

from __future__ import annotations

import re2


class PatternError(Exception):
    """What is no pattern; the message says why."""


class LinePattern:
    """A pattern in the syntax of Go, which Docker's driver is written in. Raises PatternError."""

    def __init__(self, text: str) -> None:
        options = re2.Options()
        options.log_errors = False
        # Only whether there is a match is asked.
        options.never_capture = True
        try:
            self._compiled = re2.compile(text, options)
        except re2.error as error:
            raise PatternError(error.args[0].decode(errors="replace")) from error

    def search(self, line: str) -> object | None:
        """None for a line that has nothing of the kind."""
        found: object | None = self._compiled.search(line)
        return found
