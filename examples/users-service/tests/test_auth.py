from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from conftest import parts_of
from users_service.tokens import Tokens

ANN = {"username": "ann", "email": "ann@example.org", "password": "correct horse"}
INVALID_TOKEN = {"status": "error", "message": "Invalid token. Please log in again."}


def register(client: FlaskClient, **changes: str) -> str:
    answer = client.post("/auth/register", json={**ANN, **changes})
    assert answer.status_code == 201, answer.json
    return str(answer.json["auth_token"])


def bearing(client: FlaskClient, path: str, token: str) -> TestResponse:
    return client.get(path, headers={"Authorization": f"Bearer {token}"})


def test_registering_answers_a_token_that_works(client: FlaskClient) -> None:
    answer = client.post("/auth/register", json=ANN)
    assert answer.status_code == 201
    assert answer.json["status"] == "success"
    assert answer.json["message"] == "Successfully registered."
    assert bearing(client, "/auth/status", answer.json["auth_token"]).status_code == 200


@pytest.mark.parametrize("changes", [{"username": "other"}, {"email": "other@example.org"}, {}])
def test_a_taken_name_or_address_cannot_register(client: FlaskClient, changes: dict[str, str]) -> None:
    register(client)
    answer = client.post("/auth/register", json={**ANN, **changes})
    assert answer.status_code == 400
    assert answer.json == {"status": "error", "message": "Sorry. That user already exists."}


def test_logging_in_answers_a_token(client: FlaskClient) -> None:
    register(client)
    answer = client.post("/auth/login", json={"email": ANN["email"], "password": ANN["password"]})
    assert answer.status_code == 200
    assert answer.json["message"] == "Successfully logged in."
    assert bearing(client, "/auth/status", answer.json["auth_token"]).status_code == 200


@pytest.mark.parametrize(("email", "password"), [(ANN["email"], "wrong"), ("nobody@example.org", "wrong")])
def test_an_unknown_address_and_a_wrong_password_look_the_same(
    client: FlaskClient, email: str, password: str
) -> None:
    register(client)
    answer = client.post("/auth/login", json={"email": email, "password": password})
    assert answer.status_code == 404
    assert answer.json == {"status": "error", "message": "User does not exist."}


def test_a_password_longer_than_bcrypts_limit_counts_to_its_end(client: FlaskClient) -> None:
    long = "x" * 100
    register(client, password=long + "a")
    login = {"email": ANN["email"], "password": long + "b"}
    assert client.post("/auth/login", json=login).status_code == 404
    assert client.post("/auth/login", json={**login, "password": long + "a"}).status_code == 200


def test_status_describes_the_user(client: FlaskClient) -> None:
    answer = bearing(client, "/auth/status", register(client))
    assert answer.status_code == 200
    assert answer.json["status"] == "success"
    data = answer.json["data"]
    assert set(data) == {"id", "username", "email", "active", "created_at"}
    assert (data["username"], data["email"], data["active"]) == ("ann", "ann@example.org", True)
    age = datetime.now(UTC) - datetime.fromisoformat(data["created_at"])
    assert timedelta(0) <= age < timedelta(minutes=1)


def test_a_token_that_logged_out_is_refused(client: FlaskClient) -> None:
    token = register(client)
    answer = bearing(client, "/auth/logout", token)
    assert answer.status_code == 200
    assert answer.json == {"status": "success", "message": "Successfully logged out."}
    for path in ("/auth/status", "/auth/logout"):
        answer = bearing(client, path, token)
        assert (answer.status_code, answer.json) == (401, INVALID_TOKEN)


def test_logging_out_ends_one_token_and_no_other(client: FlaskClient) -> None:
    token = register(client)
    login = {"email": ANN["email"], "password": ANN["password"]}
    other = client.post("/auth/login", json=login).json["auth_token"]
    bearing(client, "/auth/logout", token)
    assert bearing(client, "/auth/status", other).status_code == 200


def test_revoked_tokens_are_forgotten_once_they_would_have_expired(app: Flask) -> None:
    parts = parts_of(app)
    long_ago = datetime.now(UTC) - timedelta(days=400)
    issuer = Tokens("test", 500 * 24 * 3600)
    old = issuer.read(issuer.issue(1, long_ago))
    parts.accounts.revoke(old, long_ago)
    assert parts.accounts.is_revoked(old)
    new = issuer.read(issuer.issue(1, datetime.now(UTC)))
    parts.accounts.revoke(new, old.expires_at + timedelta(seconds=1))
    assert not parts.accounts.is_revoked(old)
    assert parts.accounts.is_revoked(new)


def test_revoking_twice_is_revoking_once(app: Flask) -> None:
    parts, now = parts_of(app), datetime.now(UTC)
    token = parts.tokens.read(parts.tokens.issue(1, now))
    parts.accounts.revoke(token, now)
    parts.accounts.revoke(token, now)
    assert parts.accounts.is_revoked(token)


@pytest.mark.parametrize("path", ["/auth/status", "/auth/logout"])
@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic abc", "abc", "Bearerabc"])
def test_without_a_bearer_token_it_is_a_403(client: FlaskClient, path: str, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = client.get(path, headers=headers)
    assert answer.status_code == 403
    assert answer.json == {"status": "error", "message": "Provide a valid auth token."}


BROKEN = ["abc", "a.b.c", "a b c", "..", "é", "eyJhbGciOiJub25lIn0.e30.", "W1tb" * 1500 + ".e30.e30"]


@pytest.mark.parametrize("token", BROKEN)
def test_a_broken_token_is_a_401(client: FlaskClient, token: str) -> None:
    answer = bearing(client, "/auth/status", token)
    assert (answer.status_code, answer.json) == (401, INVALID_TOKEN)


def test_a_token_signed_with_another_secret_is_a_401(client: FlaskClient) -> None:
    register(client)
    forged = Tokens("another", 3600).issue(1, datetime.now(UTC))
    answer = bearing(client, "/auth/status", forged)
    assert (answer.status_code, answer.json) == (401, INVALID_TOKEN)


def test_an_expired_token_is_a_401_of_its_own(app: Flask, client: FlaskClient) -> None:
    register(client)
    old = parts_of(app).tokens.issue(1, datetime.now(UTC) - timedelta(days=31))
    answer = bearing(client, "/auth/status", old)
    assert answer.status_code == 401
    assert answer.json == {"status": "error", "message": "Signature expired. Please log in again."}


def test_an_inactive_user_can_log_in_but_do_nothing(app: Flask, client: FlaskClient) -> None:
    register(client)
    assert parts_of(app).accounts.set_active(ANN["email"], False)
    login = client.post("/auth/login", json={"email": ANN["email"], "password": ANN["password"]})
    assert login.status_code == 200
    for path in ("/auth/status", "/auth/logout"):
        answer = bearing(client, path, login.json["auth_token"])
        assert answer.status_code == 401
        assert answer.json == {"status": "error", "message": "Something went wrong. Please contact us."}


def test_the_token_of_a_user_who_is_gone_is_a_401(app: Flask, client: FlaskClient) -> None:
    token = parts_of(app).tokens.issue(4711, datetime.now(UTC))
    assert bearing(client, "/auth/status", token).status_code == 401
