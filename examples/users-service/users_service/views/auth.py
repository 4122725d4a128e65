"""Registration and tokens."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response

from users_service.accounts import TakenError, timestamp, utc_now
from users_service.answers import Problem, success
from users_service.parts import authenticated, parts
from users_service.payloads import strings

auth = Blueprint("auth", __name__, url_prefix="/auth")


@auth.post("/register")
def register() -> tuple[Response, int]:
    username, email, password = strings(("username", "email", "password"))
    now = utc_now()
    try:
        user = parts().accounts.add(username, email, password, now=now)
    except TakenError as error:
        raise Problem(400, "Sorry. That user already exists.") from error
    token = parts().tokens.issue(user.id, now)
    return success("Successfully registered.", HTTPStatus.CREATED, auth_token=token)


@auth.post("/login")
def login() -> tuple[Response, int]:
    email, password = strings(("email", "password"))
    user = parts().accounts.let_in(email, password)
    if user is None:
        raise Problem(404, "User does not exist.")
    return success("Successfully logged in.", auth_token=parts().tokens.issue(user.id, utc_now()))


@auth.get("/logout")
def logout() -> tuple[Response, int]:
    _, token = authenticated()
    parts().accounts.revoke(token, utc_now())
    return success("Successfully logged out.")


@auth.get("/status")
def status() -> tuple[Response, int]:
    user, _ = authenticated()
    return success(
        data={
            "id": user.id,
            "username": user.username,
            "email": user.email,
            "active": user.active,
            "created_at": timestamp(user.created_at),
        }
    )
