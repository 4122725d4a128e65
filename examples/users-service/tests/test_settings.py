from __future__ import annotations

import pytest

from users_service.settings import Settings, SettingsError


def test_without_a_secret_nothing_starts() -> None:
    with pytest.raises(SettingsError, match="SECRET_KEY"):
        Settings.from_environment({})


def test_everything_else_has_a_default() -> None:
    settings = Settings.from_environment({"SECRET_KEY": "s", "HOSTNAME": "c1"})
    assert settings == Settings(secret_key="s", container_id="c1")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOKEN_EXPIRATION_SECONDS", "soon"),
        ("TOKEN_EXPIRATION_SECONDS", "0"),
        ("BCRYPT_LOG_ROUNDS", "3"),
        ("BCRYPT_LOG_ROUNDS", "32"),
        ("BCRYPT_LOG_ROUNDS", "-4"),
        ("RESPONSE_DELAY_MS", "-1"),
        ("RESPONSE_DELAY_MS", "10001"),
    ],
)
def test_an_impossible_number_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({"SECRET_KEY": "s", name: value})


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_any_usual_form_of_a_postgresql_url_is_taken(scheme: str) -> None:
    settings = Settings.from_environment({"SECRET_KEY": "s", "DATABASE_URL": f"{scheme}://db/users"})
    assert settings.database_url == "postgresql+psycopg://db/users"
