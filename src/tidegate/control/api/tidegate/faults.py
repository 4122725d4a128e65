"""The errors of Tidegate's own front end, each in one place."""

from __future__ import annotations

from tidegate.wire import Fault


def invalid(message: str) -> Fault:
    return Fault("ValidationException", message)


def not_found(what: str, name: str) -> Fault:
    return Fault("ResourceNotFoundException", f"{what} {name} was not found.")


def conflict(message: str) -> Fault:
    return Fault("ConflictException", message)
