from __future__ import annotations

import time
from pathlib import Path

from flask.testing import FlaskClient

from users_service import create_app
from users_service.settings import Settings


def test_ping_answers_pong_and_names_the_container(client: FlaskClient) -> None:
    answer = client.get("/ping")
    assert answer.status_code == 200
    assert answer.json == {"status": "success", "message": "pong!", "container_id": "container-1"}


def test_a_slow_release_answers_after_its_delay() -> None:
    client = create_app(Settings(secret_key="test", response_delay_ms=30)).test_client()
    began = time.monotonic()
    assert client.get("/ping").status_code == 200
    assert time.monotonic() - began >= 0.03


def test_ping_touches_no_database(tmp_path: Path) -> None:
    nowhere = f"sqlite:///{tmp_path}/no/such/folder/users.db"
    client = create_app(Settings(secret_key="test", database_url=nowhere)).test_client()
    assert client.get("/ping").status_code == 200


def test_a_database_that_is_away_is_a_503_elsewhere(tmp_path: Path) -> None:
    nowhere = f"sqlite:///{tmp_path}/no/such/folder/users.db"
    client = create_app(Settings(secret_key="test", database_url=nowhere)).test_client()
    answer = client.get("/users")
    assert answer.status_code == 503
    assert answer.json == {"status": "fail", "message": "The database does not answer."}
