"""Errors as AWS's clients read them."""

from __future__ import annotations


class Fault(Exception):
    """An AWS error: `code` as AWS names it, its message, and the HTTP status.

    The caller is at fault below 500. Status None takes the modelled error's own, else 400. `members`
    are further members of the modelled error shape.
    """

    def __init__(self, code: str, message: str, status: int | None = None, **members: object) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.members = members
