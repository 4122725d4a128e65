"""Errors as AWS's clients read them."""

from __future__ import annotations


class Fault(Exception):
    """An AWS error. The caller is at fault below status 500, Tidegate from there on.

    `code` is a modelled error's shape name or query code (the wire sends whichever the protocol wants),
    or any other code that AWS uses. Status None takes the modelled error's own, else 400. `members` are
    further members of the modelled error's shape.
    """

    def __init__(self, code: str, message: str, status: int | None = None, **members: object) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.members = members
