"""What clients send: JSON objects of strings. Anything else is an `Invalid payload.`"""

from __future__ import annotations

import json
from collections.abc import Sequence

from flask import request

from users_service.answers import Problem
from users_service.models import EMAIL_LENGTH_MAX, NAME_LENGTH_MAX

INVALID = "Invalid payload."
_LENGTHS_MAX = {"username": NAME_LENGTH_MAX, "email": EMAIL_LENGTH_MAX, "password": 1024}


def strings(names: Sequence[str]) -> list[str]:
    """The members of the request's body with these names, in this order. Raises Problem."""
    try:
        document = json.loads(request.get_data())
    # Nested too deep is a RecursionError.
    except (ValueError, RecursionError) as error:
        raise Problem(400, INVALID) from error
    if not isinstance(document, dict):
        raise Problem(400, INVALID)
    return [_usable(document.get(name), _LENGTHS_MAX[name]) for name in names]


def _usable(value: object, length_max: int) -> str:
    """A text that every database can keep: none takes half of a surrogate pair, PostgreSQL no NUL."""
    if not isinstance(value, str) or not value.strip() or len(value) > length_max or "\0" in value:
        raise Problem(400, INVALID)
    if any(0xD800 <= ord(character) <= 0xDFFF for character in value):
        raise Problem(400, INVALID)
    return value
