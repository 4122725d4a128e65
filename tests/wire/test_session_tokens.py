"""Temporary credentials: what they sign for, until when, and what is not accepted of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tidegate.wire import Fault
from tidegate.wire.session_tokens import SessionCredentials, issue, key_of, token_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEYS = {"AKIAONE": "one's secret", "AKIATWO": "two's secret"}
CHANCE = "0123456789abcdef"


def _session(owner: str = "AKIAONE", lifetime: timedelta = timedelta(hours=1)) -> SessionCredentials:
    return issue(owner, KEYS[owner], chance=CHANCE, lifetime=lifetime, now=NOW)


def test_a_session_signs_with_a_secret_of_its_own_for_the_key_that_asked_for_it() -> None:
    session = _session()
    key = key_of(session.access_key_id, session.token, KEYS.get, NOW)
    assert key is not None
    assert key.secret_key == session.secret_key != KEYS["AKIAONE"]
    assert (key.owner, key.is_session) == ("AKIAONE", True)
    assert session.access_key_id == "ASIA0123456789ABCDEF"
    assert len(session.secret_key) == 40


def test_a_session_ends_when_it_says() -> None:
    session = _session()
    assert session.expires_at == NOW + timedelta(hours=1)
    assert key_of(session.access_key_id, session.token, KEYS.get, NOW + timedelta(minutes=59)) is not None
    with pytest.raises(Fault) as caught:
        key_of(session.access_key_id, session.token, KEYS.get, session.expires_at)
    assert (caught.value.code, caught.value.status) == ("ExpiredToken", 403)


def test_sessions_of_two_keys_differ_and_neither_passes_for_the_other() -> None:
    one, two = _session("AKIAONE"), _session("AKIATWO")
    assert one.secret_key != two.secret_key
    assert key_of(one.access_key_id, one.token, {"AKIATWO": KEYS["AKIATWO"]}.get, NOW) is None


def test_a_long_lived_key_needs_no_token_and_a_stray_one_does_not_hurt_it() -> None:
    for token in ("", "anything"):
        key = key_of("AKIAONE", token, KEYS.get, NOW)
        assert key is not None
        assert (key.secret_key, key.is_session) == (KEYS["AKIAONE"], False)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: "",
        lambda token: token[:-1] + ("0" if token[-1] != "0" else "1"),
        lambda token: "A" + token[1:],
        lambda token: token.partition(".")[0],
        lambda token: f"{token.partition('.')[0]}.é",
        lambda _: "%%%.mac",
        lambda token: "QUtJQU9ORQ." + token.partition(".")[2],
    ],
)
def test_a_token_that_was_not_issued_so_is_nobodys(spoil: object) -> None:
    session = _session()
    assert callable(spoil)
    assert key_of(session.access_key_id, spoil(session.token), KEYS.get, NOW) is None


def test_a_token_belongs_to_its_own_key_id() -> None:
    assert key_of("ASIAANOTHER", _session().token, KEYS.get, NOW) is None


def test_a_token_comes_in_a_header_or_in_a_presigned_url() -> None:
    assert token_of({"x-amz-security-token": "t"}, "") == "t"
    assert token_of({}, "X-Amz-Security-Token=a%2Fb&X-Amz-Date=x") == "a/b"
    assert token_of({}, "") == ""
