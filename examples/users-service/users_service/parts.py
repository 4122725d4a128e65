"""What the request handlers work with, and who is asking."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request

from users_service.accounts import Accounts
from users_service.answers import Problem
from users_service.models import User
from users_service.tokens import ExpiredTokenError, InvalidTokenError, Token, Tokens

EXTENSION = "users_service"


@dataclass(frozen=True, slots=True)
class Parts:
    accounts: Accounts
    tokens: Tokens
    container_id: str


def parts() -> Parts:
    """Those of the application that serves this request."""
    known: Parts = current_app.extensions[EXTENSION]
    return known


def authenticated() -> tuple[User, Token]:
    """The active user whose token the request bears. Raises Problem."""
    scheme, _, text = request.headers.get("Authorization", "").strip().partition(" ")
    text = text.strip()
    if scheme.lower() != "bearer" or not text:
        raise Problem(403, "Provide a valid auth token.", status="error")
    try:
        token = parts().tokens.read(text)
    except ExpiredTokenError as error:
        raise Problem(401, "Signature expired. Please log in again.", status="error") from error
    except InvalidTokenError as error:
        raise Problem(401, "Invalid token. Please log in again.", status="error") from error
    if parts().accounts.is_revoked(token):
        raise Problem(401, "Invalid token. Please log in again.", status="error")
    user = parts().accounts.find(token.user_id)
    if user is None or not user.active:
        raise Problem(401, "Something went wrong. Please contact us.", status="error")
    return user, token
