from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient

GOOD = {"username": "ann", "email": "ann@example.org", "password": "correct horse"}
BODIES = [
    b"",
    b"{",
    b"null",
    b"[]",
    b'"text"',
    b"\xff\xfe",
    b"[" * 50_000,
    b'{"a":' * 5_000,
    json.dumps({}).encode(),
    *(json.dumps({**GOOD, "email": value}).encode() for value in (None, 1, "", " ", [], {}, True, "x" * 300)),
    *(json.dumps({**GOOD, "username": value}).encode() for value in ("a\0b", "\ud800", "x" * 129)),
    *(json.dumps({**GOOD, "password": value}).encode() for value in ("", "\udfff", "a\0b")),
    *(json.dumps({k: v for k, v in GOOD.items() if k != name}).encode() for name in GOOD),
]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_a_malformed_registration_is_an_invalid_payload(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/auth/register", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json == {"status": "error", "message": "Invalid payload."}


@pytest.mark.parametrize("body", [*BODIES[:8], b"{}", b'{"email": "a"}', b'{"email": 1, "password": "a"}'])
def test_a_malformed_login_is_an_invalid_payload(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/auth/login", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json == {"status": "error", "message": "Invalid payload."}


def test_names_may_be_written_in_any_script(client: FlaskClient) -> None:
    user = {**GOOD, "username": "Žofie 🐟", "password": "пароль"}
    assert client.post("/auth/register", json=user).status_code == 201
    login = {"email": GOOD["email"], "password": "пароль"}
    assert client.post("/auth/login", json=login).status_code == 200
    assert client.get("/users").json["data"]["users"][0]["username"] == "Žofie 🐟"


def test_a_body_of_megabytes_is_refused_unread(client: FlaskClient) -> None:
    answer = client.post("/auth/register", json={**GOOD, "password": "x" * 1_000_000})
    assert answer.status_code == 413
    assert answer.json["status"] == "error"


@pytest.mark.parametrize(
    ("method", "path", "code", "status"),
    [
        ("GET", "/nothing", 404, "error"),
        ("GET", "/auth/nothing", 404, "error"),
        ("DELETE", "/users", 405, "fail"),
        ("PUT", "/auth/login", 405, "error"),
    ],
)
def test_what_flask_refuses_is_json_as_well(
    client: FlaskClient, method: str, path: str, code: int, status: str
) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == code
    assert answer.json["status"] == status
    assert answer.json["message"]
