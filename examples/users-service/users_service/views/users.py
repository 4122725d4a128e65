"""The list of users."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response

from users_service.accounts import TakenError, timestamp, utc_now
from users_service.answers import Problem, success
from users_service.parts import authenticated, parts
from users_service.payloads import INVALID, strings

users = Blueprint("users", __name__, url_prefix="/users")

# What an INTEGER column holds: PostgreSQL refuses to compare it with more.
_ID_MAX = 2**31 - 1


@users.get("")
def listed() -> tuple[Response, int]:
    found = [
        {
            "id": user.id,
            "username": user.username,
            "email": user.email,
            "created_at": timestamp(user.created_at),
        }
        for user in parts().accounts.newest_first()
    ]
    return success(data={"users": found})


@users.get("/<user_id>")
def single(user_id: str) -> tuple[Response, int]:
    # An absurdly long number would itself be an error to convert.
    is_number = user_id.isascii() and user_id.isdigit() and len(user_id) <= 10
    user = parts().accounts.find(int(user_id)) if is_number and int(user_id) <= _ID_MAX else None
    if user is None:
        raise Problem(404, "User does not exist")
    return success(
        data={"username": user.username, "email": user.email, "created_at": timestamp(user.created_at)}
    )


@users.post("")
def add() -> tuple[Response, int]:
    asking, _ = authenticated()
    if not asking.admin:
        raise Problem(401, "You do not have permission to do that.", status="error")
    username, email, password = strings(("username", "email", "password"))
    try:
        parts().accounts.add(username, email, password, now=utc_now())
    except TakenError as error:
        raise Problem(400, "Sorry. That email already exists." if error.is_email else INVALID) from error
    return success(f"{email} was added!", HTTPStatus.CREATED)
