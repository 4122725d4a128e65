from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from conftest import parts_of

NOW = datetime(2030, 1, 1, tzinfo=UTC)
BOB = {"username": "bob", "email": "bob@example.org", "password": "tr0ub4dor"}


@pytest.fixture
def admin_token(app: Flask) -> str:
    parts = parts_of(app)
    admin = parts.accounts.add("root", "root@example.org", "secret", now=NOW, is_admin=True)
    return parts.tokens.issue(admin.id, datetime.now(UTC))


def add(client: FlaskClient, token: str, body: object) -> TestResponse:
    return client.post("/users", json=body, headers={"Authorization": f"Bearer {token}"})


def test_users_are_listed_newest_first(app: Flask, client: FlaskClient) -> None:
    for number in (1, 2, 3):
        name = f"user{number}"
        parts_of(app).accounts.add(
            name, f"{name}@example.org", "secret", now=NOW + timedelta(seconds=-number)
        )
    answer = client.get("/users")
    assert answer.status_code == 200
    assert answer.json["status"] == "success"
    users = answer.json["data"]["users"]
    assert [user["username"] for user in users] == ["user1", "user2", "user3"]
    assert set(users[0]) == {"id", "username", "email", "created_at"}


def test_of_users_of_one_instant_the_later_number_is_the_newer(app: Flask, client: FlaskClient) -> None:
    for name in ("first", "second"):
        parts_of(app).accounts.add(name, f"{name}@example.org", "secret", now=NOW)
    assert [user["username"] for user in client.get("/users").json["data"]["users"]] == ["second", "first"]


def test_a_single_user_is_described(app: Flask, client: FlaskClient) -> None:
    user = parts_of(app).accounts.add("ann", "ann@example.org", "secret", now=NOW)
    answer = client.get(f"/users/{user.id}")
    assert answer.status_code == 200
    assert answer.json == {
        "status": "success",
        "message": "Success.",
        "data": {"username": "ann", "email": "ann@example.org", "created_at": "2030-01-01T00:00:00+00:00"},
    }


@pytest.mark.parametrize("number", ["999", "nobody", "-1", "1.5", "0x1", "٣", "%00", "9" * 10, "9" * 5000])
def test_whoever_is_not_there_is_a_404(client: FlaskClient, number: str) -> None:
    answer = client.get(f"/users/{number}")
    assert answer.status_code == 404
    assert answer.json == {"status": "fail", "message": "User does not exist"}


def test_an_admin_adds_a_user(client: FlaskClient, admin_token: str) -> None:
    answer = add(client, admin_token, BOB)
    assert answer.status_code == 201
    assert answer.json == {"status": "success", "message": "bob@example.org was added!"}
    login = {"email": BOB["email"], "password": BOB["password"]}
    assert client.post("/auth/login", json=login).status_code == 200


def test_a_taken_address_cannot_be_added(client: FlaskClient, admin_token: str) -> None:
    add(client, admin_token, BOB)
    answer = add(client, admin_token, {**BOB, "username": "robert"})
    assert answer.status_code == 400
    assert answer.json == {"status": "fail", "message": "Sorry. That email already exists."}


def test_a_taken_name_cannot_be_added(client: FlaskClient, admin_token: str) -> None:
    add(client, admin_token, BOB)
    answer = add(client, admin_token, {**BOB, "email": "robert@example.org"})
    assert answer.status_code == 400
    assert answer.json == {"status": "fail", "message": "Invalid payload."}


@pytest.mark.parametrize("body", [{}, [], None, {"username": "bob"}])
def test_an_admins_malformed_body_is_an_invalid_payload(
    client: FlaskClient, admin_token: str, body: object
) -> None:
    answer = add(client, admin_token, body)
    assert answer.status_code == 400
    assert answer.json == {"status": "fail", "message": "Invalid payload."}


def test_others_have_no_permission(client: FlaskClient, admin_token: str) -> None:
    add(client, admin_token, BOB)
    login = {"email": BOB["email"], "password": BOB["password"]}
    token = client.post("/auth/login", json=login).json["auth_token"]
    answer = add(client, token, {**BOB, "username": "carl", "email": "carl@example.org"})
    assert answer.status_code == 401
    assert answer.json == {"status": "error", "message": "You do not have permission to do that."}


def test_without_a_token_nobody_is_added(client: FlaskClient) -> None:
    answer = client.post("/users", json=BOB)
    assert answer.status_code == 403
    assert answer.json == {"status": "error", "message": "Provide a valid auth token."}


def test_an_admin_who_became_inactive_adds_nobody(app: Flask, client: FlaskClient, admin_token: str) -> None:
    parts_of(app).accounts.set_active("root@example.org", False)
    answer = add(client, admin_token, BOB)
    assert answer.status_code == 401
    assert answer.json["message"] == "Something went wrong. Please contact us."
